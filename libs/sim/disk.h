#ifndef PDP_LIBS_SIM_DISK_H_
#define PDP_LIBS_SIM_DISK_H_

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "libs/sim/scheduler.h"
#include "rocksdb/env.h"

namespace pdp::sim {

// The disk of one machine, in memory: files that know how much of them an fsync has reached. What a
// machine that died still tries to write goes nowhere.
class Disk {
 public:
  struct File {
    std::string data;
    size_t synced = 0;
  };

  // What the next start finds. The process was killed: everything written.
  std::shared_ptr<Disk> AfterKill() const;
  // The power was cut: of each file what was synced and a piece of the rest, of which the last
  // bytes may be torn.
  std::shared_ptr<Disk> AfterPowerCut(Dice& dice) const;
  // Whether `text` is anywhere in any file.
  bool Holds(const std::string& text) const;

  std::map<std::string, std::shared_ptr<File>> files;
  std::set<std::string> folders;
  bool frozen = false;
  // Every write fails: no space.
  bool full = false;
  // Every fsync fails.
  bool sync_fails = false;
  // Called before each write and each fsync: a place to crash.
  std::function<void()> seam;
};

// RocksDB's machine over a Disk: no threads, no real files, virtual time. Background jobs are kept
// and never run (databases of a simulation are small). `disk` and `scheduler` outlive it.
std::unique_ptr<rocksdb::Env> MakeEnv(std::shared_ptr<Disk> disk, const Scheduler& scheduler);

}  // namespace pdp::sim

#endif  // PDP_LIBS_SIM_DISK_H_
