# Draws the benchmark table: gnuplot -e "table='FILE'; picture='FILE.svg'" tests/perf/plot.gp
set terminal svg size 900,420 font 'sans,12' background '#ffffff'
set output picture
set datafile separator '|'
series = "'raw echo' 'bare log' embedded 'bare kafka' kafka PostgreSQL"
row(name) = sprintf("< grep -F '| %s ' %s", name, table)
set logscale x 2
set xtics (1, 16, 64, 256)
set xlabel 'callers'
set grid
set key left top
set multiplot layout 1,2
set title 'calls a second'
set yrange [0:*]
plot for [name in series] row(name) using 3:4 with linespoints pointtype 7 title name
set title 'milliseconds: p50 (line), p99 (points)'
set logscale y
set yrange [*:*]
plot for [name in series] row(name) using 3:5 with lines title name, \
     for [name in series] row(name) using 3:6 with points pointtype 6 notitle
unset multiplot
