#include "libs/sim/disk.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "rocksdb/file_system.h"
#include "rocksdb/system_clock.h"

namespace pdp::sim {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

class Reader final : public rocksdb::FSSequentialFile, public rocksdb::FSRandomAccessFile {
 public:
  explicit Reader(std::shared_ptr<Disk::File> file) : file_(std::move(file)) {}
  IOStatus Read(size_t n, const IOOptions& options, Slice* result, char* scratch,
                IODebugContext* dbg) override {
    const IOStatus read = Read(at_, n, options, result, scratch, dbg);
    at_ += result->size();
    return read;
  }
  IOStatus Skip(uint64_t n) override {
    at_ = std::min<uint64_t>(at_ + n, file_->data.size());
    return IOStatus::OK();
  }
  IOStatus Read(uint64_t offset, size_t n, const IOOptions&, Slice* result, char* scratch,
                IODebugContext*) const override {
    const uint64_t from = std::min<uint64_t>(offset, file_->data.size());
    const size_t count = std::min<size_t>(n, file_->data.size() - from);
    std::memcpy(scratch, file_->data.data() + from, count);
    *result = Slice(scratch, count);
    return IOStatus::OK();
  }
  bool use_direct_io() const override { return false; }
  size_t GetRequiredBufferAlignment() const override { return 4096; }
  IOStatus InvalidateCache(size_t, size_t) override { return IOStatus::OK(); }
  rocksdb::Temperature GetTemperature() const override {
    return rocksdb::Temperature::kUnknown;
  }

 private:
  const std::shared_ptr<Disk::File> file_;
  uint64_t at_ = 0;
};

class Writer final : public rocksdb::FSWritableFile {
 public:
  Writer(std::shared_ptr<Disk> disk, std::shared_ptr<Disk::File> file)
      : disk_(std::move(disk)), file_(std::move(file)) {}
  using FSWritableFile::Append;
  IOStatus Append(const Slice& data, const IOOptions&, IODebugContext*) override {
    if (disk_->seam) disk_->seam();
    if (disk_->frozen) return IOStatus::OK();
    if (disk_->full) return IOStatus::NoSpace("the disk is full");
    file_->data.append(data.data(), data.size());
    return IOStatus::OK();
  }
  IOStatus Truncate(uint64_t size, const IOOptions&, IODebugContext*) override {
    if (!disk_->frozen && size < file_->data.size()) file_->data.resize(size);
    return IOStatus::OK();
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Sync(const IOOptions&, IODebugContext*) override {
    if (disk_->seam) disk_->seam();
    if (disk_->frozen) return IOStatus::OK();
    if (disk_->sync_fails) return IOStatus::IOError("fsync failed");
    file_->synced = file_->data.size();
    return IOStatus::OK();
  }
  uint64_t GetFileSize(const IOOptions&, IODebugContext*) override { return file_->data.size(); }

 private:
  const std::shared_ptr<Disk> disk_;
  const std::shared_ptr<Disk::File> file_;
};

class Folder final : public rocksdb::FSDirectory {
 public:
  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
};

class Lock final : public rocksdb::FileLock {};

class Quiet final : public rocksdb::Logger {
 public:
  Quiet() : Logger(rocksdb::FATAL_LEVEL) {}
  using Logger::Logv;
  void Logv(const char*, va_list) override {}
};

class Files final : public rocksdb::FileSystem {
 public:
  explicit Files(std::shared_ptr<Disk> disk) : disk_(std::move(disk)) {}
  const char* Name() const override { return "SimFiles"; }

  IOStatus NewSequentialFile(const std::string& name, const FileOptions&,
                             std::unique_ptr<rocksdb::FSSequentialFile>* out,
                             IODebugContext*) override {
    const auto it = disk_->files.find(Clean(name));
    if (it == disk_->files.end()) return Missing(name);
    out->reset(new Reader(it->second));
    return IOStatus::OK();
  }
  IOStatus NewRandomAccessFile(const std::string& name, const FileOptions&,
                               std::unique_ptr<rocksdb::FSRandomAccessFile>* out,
                               IODebugContext*) override {
    const auto it = disk_->files.find(Clean(name));
    if (it == disk_->files.end()) return Missing(name);
    out->reset(new Reader(it->second));
    return IOStatus::OK();
  }
  IOStatus NewWritableFile(const std::string& name, const FileOptions&,
                           std::unique_ptr<rocksdb::FSWritableFile>* out,
                           IODebugContext*) override {
    // A copy of the options, which nobody reads: writing it is most of opening a database.
    if (name.find("/OPTIONS-") != std::string::npos) return IOStatus::NotSupported(name);
    auto file = std::make_shared<Disk::File>();
    if (!disk_->frozen) {
      if (disk_->full) return IOStatus::NoSpace("the disk is full");
      disk_->files[Clean(name)] = file;
    }
    out->reset(new Writer(disk_, std::move(file)));
    return IOStatus::OK();
  }
  IOStatus NewDirectory(const std::string&, const IOOptions&,
                        std::unique_ptr<rocksdb::FSDirectory>* out, IODebugContext*) override {
    out->reset(new Folder());
    return IOStatus::OK();
  }
  IOStatus FileExists(const std::string& name, const IOOptions&, IODebugContext*) override {
    const std::string clean = Clean(name);
    if (disk_->files.contains(clean) || disk_->folders.contains(clean)) return IOStatus::OK();
    return IOStatus::NotFound(name);
  }
  IOStatus GetChildren(const std::string& folder, const IOOptions&,
                       std::vector<std::string>* out, IODebugContext*) override {
    const std::string prefix = Clean(folder) + "/";
    out->clear();
    for (auto it = disk_->files.lower_bound(prefix);
         it != disk_->files.end() && it->first.compare(0, prefix.size(), prefix) == 0; ++it) {
      const std::string rest = it->first.substr(prefix.size());
      if (rest.find('/') == std::string::npos) out->push_back(rest);
    }
    return IOStatus::OK();
  }
  IOStatus DeleteFile(const std::string& name, const IOOptions&, IODebugContext*) override {
    if (disk_->frozen) return IOStatus::OK();
    return disk_->files.erase(Clean(name)) > 0 ? IOStatus::OK() : Missing(name);
  }
  IOStatus CreateDir(const std::string& name, const IOOptions&, IODebugContext*) override {
    disk_->folders.insert(Clean(name));
    return IOStatus::OK();
  }
  IOStatus CreateDirIfMissing(const std::string& name, const IOOptions&,
                              IODebugContext*) override {
    disk_->folders.insert(Clean(name));
    return IOStatus::OK();
  }
  IOStatus DeleteDir(const std::string& name, const IOOptions&, IODebugContext*) override {
    disk_->folders.erase(Clean(name));
    return IOStatus::OK();
  }
  IOStatus GetFileSize(const std::string& name, const IOOptions&, uint64_t* size,
                       IODebugContext*) override {
    const auto it = disk_->files.find(Clean(name));
    if (it == disk_->files.end()) return Missing(name);
    *size = it->second->data.size();
    return IOStatus::OK();
  }
  IOStatus GetFileModificationTime(const std::string&, const IOOptions&, uint64_t* time,
                                   IODebugContext*) override {
    *time = 0;
    return IOStatus::OK();
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions&,
                      IODebugContext*) override {
    if (disk_->frozen) return IOStatus::OK();
    const auto it = disk_->files.find(Clean(from));
    if (it == disk_->files.end()) return Missing(from);
    std::shared_ptr<Disk::File> file = it->second;
    disk_->files.erase(it);
    disk_->files[Clean(to)] = std::move(file);
    return IOStatus::OK();
  }
  IOStatus LockFile(const std::string&, const IOOptions&, rocksdb::FileLock** lock,
                    IODebugContext*) override {
    *lock = new Lock();
    return IOStatus::OK();
  }
  IOStatus UnlockFile(rocksdb::FileLock* lock, const IOOptions&, IODebugContext*) override {
    delete lock;
    return IOStatus::OK();
  }
  IOStatus GetTestDirectory(const IOOptions&, std::string* path, IODebugContext*) override {
    *path = "/test";
    return IOStatus::OK();
  }
  IOStatus NewLogger(const std::string&, const IOOptions&,
                     std::shared_ptr<rocksdb::Logger>* out, IODebugContext*) override {
    *out = std::make_shared<Quiet>();
    return IOStatus::OK();
  }
  IOStatus GetAbsolutePath(const std::string& path, const IOOptions&, std::string* out,
                           IODebugContext*) override {
    *out = path;
    return IOStatus::OK();
  }
  IOStatus IsDirectory(const std::string& path, const IOOptions&, bool* is,
                       IODebugContext*) override {
    *is = disk_->folders.contains(Clean(path));
    return IOStatus::OK();
  }

 private:
  static std::string Clean(const std::string& name) {
    std::string clean;
    for (const char c : name) {
      if (c != '/' || clean.empty() || clean.back() != '/') clean += c;
    }
    if (clean.size() > 1 && clean.back() == '/') clean.pop_back();
    return clean;
  }
  static IOStatus Missing(const std::string& name) { return IOStatus::PathNotFound(name); }

  const std::shared_ptr<Disk> disk_;
};

class Time final : public rocksdb::SystemClock {
 public:
  explicit Time(const Scheduler& scheduler) : scheduler_(scheduler) {}
  const char* Name() const override { return "SimTime"; }
  uint64_t NowMicros() override {
    return static_cast<uint64_t>(absl::ToUnixMicros(scheduler_.now()));
  }
  void SleepForMicroseconds(int) override {}
  rocksdb::Status GetCurrentTime(int64_t* time) override {
    *time = absl::ToUnixSeconds(scheduler_.now());
    return rocksdb::Status::OK();
  }
  std::string TimeToString(uint64_t) override { return ""; }

 private:
  const Scheduler& scheduler_;
};

class Machine final : public rocksdb::EnvWrapper {
 public:
  Machine(std::shared_ptr<Disk> disk, const Scheduler& scheduler)
      : EnvWrapper(rocksdb::NewCompositeEnv(std::make_shared<Files>(std::move(disk)))) {
    system_clock_ = std::make_shared<Time>(scheduler);
  }
  void Schedule(void (*)(void*), void* arg, Priority pri, void* tag,
                void (*unscheduled)(void*)) override {
    jobs_.push_back({arg, pri, tag, unscheduled});
  }
  int UnSchedule(void* tag, Priority pri) override {
    int count = 0;
    for (size_t i = 0; i < jobs_.size();) {
      if (jobs_[i].tag != tag || jobs_[i].pri != pri) {
        ++i;
        continue;
      }
      const Job job = jobs_[i];
      jobs_.erase(jobs_.begin() + static_cast<long>(i));
      if (job.unscheduled != nullptr) job.unscheduled(job.arg);
      ++count;
    }
    return count;
  }
  void StartThread(void (*)(void*), void*) override {}
  void SetBackgroundThreads(int, Priority) override {}
  void IncBackgroundThreadsIfNeeded(int, Priority) override {}
  int GetBackgroundThreads(Priority) override { return 1; }
  uint64_t NowMicros() override { return system_clock_->NowMicros(); }

 private:
  struct Job {
    void* arg;
    Priority pri;
    void* tag;
    void (*unscheduled)(void*);
  };
  std::vector<Job> jobs_;
};

}  // namespace

std::shared_ptr<Disk> Disk::AfterKill() const {
  auto after = std::make_shared<Disk>();
  after->folders = folders;
  for (const auto& [name, file] : files) after->files[name] = std::make_shared<File>(*file);
  return after;
}

std::shared_ptr<Disk> Disk::AfterPowerCut(Dice& dice) const {
  std::shared_ptr<Disk> after = AfterKill();
  for (auto& [name, file] : after->files) {
    const size_t unsynced = file->data.size() - std::min(file->synced, file->data.size());
    if (unsynced == 0) continue;
    const size_t kept = dice.Below(unsynced + 1);
    file->data.resize(file->synced + kept);
    // A sector that was half written.
    if (kept > 0 && dice.Chance(300)) {
      const size_t torn = std::min<size_t>(kept, 1 + dice.Below(16));
      for (size_t i = file->data.size() - torn; i < file->data.size(); ++i) {
        file->data[i] = static_cast<char>(dice.Below(256));
      }
    }
    file->synced = file->data.size();
  }
  return after;
}

bool Disk::Holds(const std::string& text) const {
  for (const auto& [name, file] : files) {
    if (file->data.find(text) != std::string::npos) return true;
  }
  return false;
}

std::unique_ptr<rocksdb::Env> MakeEnv(std::shared_ptr<Disk> disk, const Scheduler& scheduler) {
  return std::make_unique<Machine>(std::move(disk), scheduler);
}

}  // namespace pdp::sim
