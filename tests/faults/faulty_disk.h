#ifndef PDP_TESTS_FAULTS_FAULTY_DISK_H_
#define PDP_TESTS_FAULTS_FAULTY_DISK_H_

#include <atomic>
#include <memory>
#include <string>

#include "rocksdb/env.h"

namespace pdp::faults {

// The disk of this machine, as RocksDB sees it, with faults on demand. Thread-safe; outlives the
// databases on it.
class FaultyDisk final : public rocksdb::EnvWrapper {
 public:
  FaultyDisk() : EnvWrapper(rocksdb::Env::Default()) {}

  // Whatever is written fails with "No space left" after its first half has been written, as a disk
  // that becomes full does.
  void SetFull(bool full) { full_ = full; }
  // Whatever is read from a table fails.
  void SetUnreadable(bool unreadable) { unreadable_ = unreadable; }

  rocksdb::Status NewWritableFile(const std::string& name,
                                  std::unique_ptr<rocksdb::WritableFile>* result,
                                  const rocksdb::EnvOptions& options) override;
  rocksdb::Status NewRandomAccessFile(const std::string& name,
                                      std::unique_ptr<rocksdb::RandomAccessFile>* result,
                                      const rocksdb::EnvOptions& options) override;

 private:
  std::atomic<bool> full_{false}, unreadable_{false};
};

}  // namespace pdp::faults

#endif  // PDP_TESTS_FAULTS_FAULTY_DISK_H_
