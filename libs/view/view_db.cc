#include "libs/view/view_db.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/base/status_macros.h"
#include "rocksdb/filter_policy.h"
#include "rocksdb/table.h"
#include "rocksdb/utilities/checkpoint.h"

namespace pdp::view {
namespace {

constexpr const char* kFixed[] = {"meta",        "archive", "by_aggregate", "state",
                                  "idempotency", "inbox",   "timers"};

// Of what queries read row by row: the states and the rows of the views. The others grow with the
// history, as do the public events, a view that is read in order.
bool IsReadByKey(const std::string& name) {
  return name == "state" || (name.rfind("p.", 0) == 0 && name.rfind("p.public.", 0) != 0);
}

rocksdb::ColumnFamilyOptions FamilyOptions(const std::string& name) {
  rocksdb::ColumnFamilyOptions options;
  rocksdb::BlockBasedTableOptions table;
  // Most look-ups of a new command or a new aggregate find nothing; the filter answers them.
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.cache_index_and_filter_blocks = true;
  if (IsReadByKey(name)) {
    // Held by the open table, a filter and an index need not be looked up in the cache at every
    // read.
    table.metadata_cache_options.unpartitioned_pinning = rocksdb::PinningTier::kAll;
  } else {
    // In pieces of 4 KiB: the filter of a whole table is as large as a shard of the cache, and was
    // read again from the file at each look-up once a history had some millions of commands.
    table.partition_filters = true;
    table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
    table.metadata_block_size = 4096;
    table.pin_top_level_index_and_filter = true;
  }
  static const std::shared_ptr<rocksdb::Cache> cache = rocksdb::NewLRUCache(64 << 20);
  table.block_cache = cache;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.write_buffer_size = 16 << 20;
  // The same for what has not been written to a table yet.
  options.memtable_prefix_bloom_size_ratio = 0.05;
  options.memtable_whole_key_filtering = true;
  return options;
}

}  // namespace

absl::Status ToStatus(const rocksdb::Status& status, absl::string_view what) {
  if (status.ok()) return absl::OkStatus();
  const std::string text = absl::StrCat(what, ": ", status.ToString());
  if (status.IsCorruption()) return absl::DataLossError(text);
  if (status.IsIOError() && status.ToString().find("lock") != std::string::npos) {
    return absl::FailedPreconditionError(text);
  }
  if (status.IsNotFound()) return absl::NotFoundError(text);
  return absl::InternalError(text);
}

absl::StatusOr<std::unique_ptr<ViewDb>> ViewDb::Open(const std::string& path, rocksdb::Env* env) {
  rocksdb::Options options;
  if (env != nullptr) {
    options.env = env;
    // Nothing in the background: whoever brings a machine says when things happen.
    options.max_file_opening_threads = 1;
    options.stats_dump_period_sec = 0;
    options.stats_persist_period_sec = 0;
    options.avoid_flush_during_shutdown = true;
  } else {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error) {
      return absl::FailedPreconditionError(
          absl::StrCat("cannot make ", path, ": ", error.message()));
    }
  }
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.max_total_wal_size = 256 << 20;
  options.keep_log_file_num = 2;
  options.max_background_jobs = 2;
  std::vector<std::string> names;
  rocksdb::DB::ListColumnFamilies(options, path, &names);
  std::vector<rocksdb::ColumnFamilyDescriptor> wanted = {
      {rocksdb::kDefaultColumnFamilyName, FamilyOptions(rocksdb::kDefaultColumnFamilyName)}};
  for (const char* name : kFixed) wanted.emplace_back(name, FamilyOptions(name));
  for (const std::string& name : names) {
    if (name.rfind("p.", 0) == 0) wanted.emplace_back(name, FamilyOptions(name));
  }
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  RETURN_IF_ERROR(ToStatus(rocksdb::DB::Open(options, path, wanted, &handles, &db),
                           absl::StrCat("opening the views in ", path)));
  std::unique_ptr<ViewDb> views(new ViewDb());
  views->db_.reset(db);
  {
    absl::MutexLock lock(&views->mutex_);
    for (rocksdb::ColumnFamilyHandle* handle : handles)
      views->families_[handle->GetName()] = handle;
  }
  views->meta_ = views->Fixed("meta");
  views->archive_ = views->Fixed("archive");
  views->by_aggregate_ = views->Fixed("by_aggregate");
  views->state_ = views->Fixed("state");
  views->idempotency_ = views->Fixed("idempotency");
  views->inbox_ = views->Fixed("inbox");
  views->timers_ = views->Fixed("timers");
  return views;
}

ViewDb::~ViewDb() {
  absl::MutexLock lock(&mutex_);
  for (auto& [name, handle] : families_) db_->DestroyColumnFamilyHandle(handle);
}

Family ViewDb::Fixed(const std::string& name) const {
  absl::MutexLock lock(&mutex_);
  const auto it = families_.find(name);
  PDP_CHECK(it != families_.end(), "a fixed family is opened with the database");
  return it->second;
}

absl::StatusOr<Family> ViewDb::Named(const std::string& name) {
  absl::MutexLock lock(&mutex_);
  const auto it = families_.find(name);
  if (it != families_.end()) return it->second;
  rocksdb::ColumnFamilyHandle* handle = nullptr;
  RETURN_IF_ERROR(ToStatus(db_->CreateColumnFamily(FamilyOptions(name), name, &handle),
                           absl::StrCat("making the family ", name)));
  families_[name] = handle;
  return handle;
}

absl::Status ViewDb::Drop(const std::string& name) {
  absl::MutexLock lock(&mutex_);
  const auto it = families_.find(name);
  if (it == families_.end()) return absl::OkStatus();
  RETURN_IF_ERROR(
      ToStatus(db_->DropColumnFamily(it->second), absl::StrCat("dropping the family ", name)));
  db_->DestroyColumnFamilyHandle(it->second);
  families_.erase(it);
  return absl::OkStatus();
}

std::vector<std::string> ViewDb::names() const {
  absl::MutexLock lock(&mutex_);
  std::vector<std::string> names;
  for (const auto& [name, handle] : families_) {
    if (name.rfind("p.", 0) == 0) names.push_back(name);
  }
  return names;
}

absl::StatusOr<std::optional<std::string>> ViewDb::Get(Family family, absl::string_view key) const {
  std::string value;
  const rocksdb::Status status = db_->Get(rocksdb::ReadOptions(), family, ToSlice(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  RETURN_IF_ERROR(ToStatus(status, "reading a view"));
  return std::optional<std::string>(std::move(value));
}

absl::Status ViewDb::Write(rocksdb::WriteBatch* batch, bool sync) {
  rocksdb::WriteOptions options;
  options.sync = sync;
  return ToStatus(db_->Write(options, batch), "writing the views");
}

absl::Status ViewDb::Put(Family family, absl::string_view key, absl::string_view value) {
  return ToStatus(db_->Put(rocksdb::WriteOptions(), family, ToSlice(key), ToSlice(value)),
                  "writing a view");
}

absl::Status ViewDb::Scan(
    Family family, absl::string_view prefix, absl::string_view from,
    absl::FunctionRef<bool(absl::string_view key, absl::string_view value)> visit) const {
  std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(rocksdb::ReadOptions(), family));
  for (it->Seek(ToSlice(from.empty() ? prefix : from)); it->Valid(); it->Next()) {
    const absl::string_view key = ToView(it->key());
    if (key.substr(0, prefix.size()) != prefix) break;
    if (!visit(key, ToView(it->value()))) break;
  }
  return ToStatus(it->status(), "scanning a view");
}

absl::Status ViewDb::Checkpoint(const std::string& path) const {
  rocksdb::Checkpoint* made = nullptr;
  RETURN_IF_ERROR(ToStatus(rocksdb::Checkpoint::Create(db_.get(), &made), "checkpoint"));
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  return ToStatus(checkpoint->CreateCheckpoint(path), absl::StrCat("checkpoint in ", path));
}

}  // namespace pdp::view
