#include "libs/sim/scheduler.h"

namespace pdp::sim {

namespace {
uint64_t Fnv(uint64_t hash, absl::string_view text) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash;
}
}  // namespace

uint64_t SeedOf(uint64_t seed, absl::string_view use) {
  return SplitMix64(Fnv(seed ^ 0xcbf29ce484222325ULL, use)).Next();
}

bool Scheduler::Step(absl::Time end) {
  if (due_.empty() || due_.begin()->first.first > end) {
    now_ = std::max(now_, std::min(end, absl::FromUnixSeconds(4'000'000'000)));
    return false;
  }
  auto first = due_.extract(due_.begin());
  now_ = first.key().first;
  ++steps_;
  first.mapped()();
  return true;
}

void Scheduler::NoteLine(const std::string& line) {
  const std::string whole = absl::StrCat(
      absl::ToInt64Microseconds(now_ - absl::FromUnixSeconds(1'700'000'000)), " ", line, "\n");
  trace_hash_ = Fnv(trace_hash_, whole);
  if (keep_) trace_ += whole;
}

std::string SeededRandom::Bytes(size_t count) {
  std::string bytes;
  while (bytes.size() < count) {
    uint64_t draw = draws_.Next();
    for (int i = 0; i < 8 && bytes.size() < count; ++i, draw >>= 8) {
      bytes += static_cast<char>(draw);
    }
  }
  return bytes;
}

}  // namespace pdp::sim
