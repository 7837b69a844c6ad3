#include "libs/log/rocks_source.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "rocksdb/options.h"

namespace pdp::log {
namespace {

constexpr size_t kKeyBytes = 9;

int64_t IndexOf(const rocksdb::Slice& key) {
  uint64_t index = 0;
  for (size_t i = 1; i < kKeyBytes; ++i) index = index << 8 | static_cast<unsigned char>(key[i]);
  return static_cast<int64_t>(index);
}

absl::Status ToStatus(const rocksdb::Status& status) {
  if (status.ok()) return absl::OkStatus();
  if (status.IsCorruption()) {
    return absl::DataLossError(absl::StrCat("corrupted record: ", status.ToString()));
  }
  return absl::UnavailableError(status.ToString());
}

class ReadOnlySource final : public RawSource {
 public:
  ReadOnlySource(std::unique_ptr<rocksdb::DB> db, Area area, int64_t end)
      : db_(std::move(db)), area_(area), end_(end) {}

  absl::StatusOr<Bounds> GetBounds() override { return Bounds{0, end_}; }
  absl::Status Seek(int64_t index) override {
    next_ = index;
    return absl::OkStatus();
  }
  absl::StatusOr<Batch> Read(size_t records_max, absl::Duration, Wait) override {
    Batch batch;
    RETURN_IF_ERROR(ReadRocksRecords(*db_, area_, next_, end_, records_max, batch.records));
    next_ += static_cast<int64_t>(batch.records.size());
    batch.at_end = next_ >= end_;
    return batch;
  }
  void Wake() override {}

 private:
  const std::unique_ptr<rocksdb::DB> db_;
  const Area area_;
  const int64_t end_;
  int64_t next_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<rocksdb::DB>> OpenRocks(const std::string& path,
                                                       RocksAccess access, rocksdb::Env* env) {
  rocksdb::Options options;
  if (env != nullptr) {
    options.env = env;
    // Nothing in the background: whoever brings a machine says when things happen.
    options.max_file_opening_threads = 1;
    options.stats_dump_period_sec = 0;
    options.stats_persist_period_sec = 0;
    options.avoid_flush_during_shutdown = true;
  }
  options.create_if_missing = access == RocksAccess::kWrite;
  options.paranoid_checks = true;
  // Appends only: few files, no rewriting of history to make room for nothing.
  options.write_buffer_size = 32u << 20;
  options.compaction_style = rocksdb::kCompactionStyleLevel;
  options.max_background_jobs = 2;
  options.keep_log_file_num = 2;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = access == RocksAccess::kWrite
                                     ? rocksdb::DB::Open(options, path, &db)
                                     : rocksdb::DB::OpenForReadOnly(options, path, &db);
  if (status.ok()) return std::unique_ptr<rocksdb::DB>(db);
  if (status.IsCorruption()) return absl::DataLossError(status.ToString());
  if (status.IsIOError() && status.ToString().find("lock") != std::string::npos) {
    return absl::FailedPreconditionError(absl::StrCat("in use: ", status.ToString()));
  }
  return absl::UnavailableError(status.ToString());
}

std::string RocksKey(Area area, int64_t index) {
  std::string key(kKeyBytes, '\0');
  key[0] = static_cast<char>(area.index());
  for (int i = 0; i < 8; ++i) key[8 - i] = static_cast<char>(index >> (8 * i));
  return key;
}

absl::StatusOr<int64_t> RocksEnd(rocksdb::DB& db, Area area) {
  const std::unique_ptr<rocksdb::Iterator> it(db.NewIterator(rocksdb::ReadOptions()));
  it->SeekForPrev(RocksKey(area, INT64_MAX));
  // A disk that cannot be read is not an empty one: history would be written over.
  RETURN_IF_ERROR(ToStatus(it->status()));
  if (!it->Valid() || it->key()[0] != static_cast<char>(area.index())) return 0;
  return IndexOf(it->key()) + 1;
}

absl::Status ReadRocksRecords(rocksdb::DB& db, Area area, int64_t from, int64_t end,
                              size_t records_max, std::vector<RawRecord>& out) {
  const std::unique_ptr<rocksdb::Iterator> it(db.NewIterator(rocksdb::ReadOptions()));
  int64_t expected = from;
  for (it->Seek(RocksKey(area, from)); expected < end && records_max > 0; it->Next()) {
    RETURN_IF_ERROR(ToStatus(it->status()));
    if (!it->Valid() || it->key()[0] != static_cast<char>(area.index()) ||
        IndexOf(it->key()) != expected) {
      return absl::DataLossError(absl::StrCat("Truncated: index ", expected, " of ", area.code(),
                                              " is missing"));
    }
    out.push_back({expected, it->value().ToString()});
    ++expected;
    --records_max;
  }
  return ToStatus(it->status());
}

absl::StatusOr<std::unique_ptr<RawSource>> OpenRocksRawSource(const std::string& path, Area area) {
  ASSIGN_OR_RETURN(std::unique_ptr<rocksdb::DB> db, OpenRocks(path, RocksAccess::kReadOnly));
  ASSIGN_OR_RETURN(const int64_t end, RocksEnd(*db, area));
  return std::make_unique<ReadOnlySource>(std::move(db), area, end);
}

}  // namespace pdp::log
