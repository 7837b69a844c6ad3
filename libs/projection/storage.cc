#include "libs/projection/storage.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/base/status_macros.h"
#include "libs/view/archive.h"
#include "libs/view/keys.h"
#include "rocksdb/write_batch.h"

namespace pdp::projection {
namespace {

constexpr size_t kArchiveBytesMax = 4 << 20;

// Keys in the family meta. Those of cells begin with an area byte, which is no letter.
std::string AliasKey(const std::string& projection) {
  return absl::StrCat("projection/", projection, "/live");
}
std::string CheckpointPrefix(const std::string& projection, Storage::Build build) {
  return absl::StrCat("projection/", projection, "/", build.version, ".", build.generation, "/");
}
std::string CheckpointKey(const std::string& projection, Storage::Build build, Area area) {
  return absl::StrCat(CheckpointPrefix(projection, build), area.code());
}
std::string FamilyName(const std::string& projection, Storage::Build build) {
  std::string name = absl::StrCat("p.", projection, ".v", build.version);
  if (build.generation > 0) absl::StrAppend(&name, ".r", build.generation);
  return name;
}

}  // namespace

class Storage::Table {
 public:
  explicit Table(view::Family family) : family(family) {}
  const view::Family family;
};

struct Storage::Batch::Impl {
  view::ViewDb& db;
  rocksdb::WriteBatch writes;
};

Storage::Batch::Batch(Storage& storage) : impl_(new Impl{storage.db_, rocksdb::WriteBatch()}) {}
Storage::Batch::~Batch() = default;

void Storage::Batch::Put(const Table& table, absl::string_view key, absl::string_view value) {
  impl_->writes.Put(table.family, view::ToSlice(key), view::ToSlice(value));
}
void Storage::Batch::Delete(const Table& table, absl::string_view key) {
  impl_->writes.Delete(table.family, view::ToSlice(key));
}
void Storage::Batch::SetLive(const std::string& projection, Build build) {
  impl_->writes.Put(impl_->db.meta(), AliasKey(projection),
                    absl::StrCat(build.version, ".", build.generation));
}
void Storage::Batch::SetCheckpoint(const std::string& projection, Build build, Area area,
                                   Seq seq) {
  impl_->writes.Put(impl_->db.meta(), CheckpointKey(projection, build, area),
                    view::BigEndian64(seq.value()));
}

absl::StatusOr<std::shared_ptr<Storage::Table>> Storage::Open(const std::string& projection,
                                                              Build build) {
  ASSIGN_OR_RETURN(view::Family family, db_.Named(FamilyName(projection, build)));
  return std::make_shared<Table>(family);
}

absl::Status Storage::Drop(const std::string& projection, Build build) {
  // Checkpoints first: rows without one are built anew, a checkpoint without rows would lose them.
  rocksdb::WriteBatch writes;
  for (Area area : Area::All()) {
    writes.Delete(db_.meta(), CheckpointKey(projection, build, area));
  }
  RETURN_IF_ERROR(db_.Write(&writes));
  return db_.Drop(FamilyName(projection, build));
}

absl::StatusOr<std::optional<std::string>> Storage::Get(const Table& table,
                                                        absl::string_view key) {
  return db_.Get(table.family, key);
}

absl::Status Storage::Scan(
    const Table& table, absl::string_view from, absl::string_view prefix,
    absl::FunctionRef<bool(absl::string_view key, absl::string_view value)> visit) {
  return db_.Scan(table.family, prefix, from, visit);
}

absl::StatusOr<std::optional<Storage::Build>> Storage::Live(const std::string& projection) {
  ASSIGN_OR_RETURN(auto value, db_.Get(db_.meta(), AliasKey(projection)));
  if (!value) return std::optional<Build>();
  const std::vector<std::string> parts = absl::StrSplit(*value, '.');
  Build build;
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &build.version) ||
      !absl::SimpleAtoi(parts[1], &build.generation)) {
    return absl::DataLossError(absl::StrCat("damaged alias of projection ", projection));
  }
  return std::optional<Build>(build);
}

absl::StatusOr<Seq> Storage::Checkpoint(const std::string& projection, Build build, Area area) {
  ASSIGN_OR_RETURN(auto value, db_.Get(db_.meta(), CheckpointKey(projection, build, area)));
  return Seq(value ? view::FromBigEndian(*value) : 0);
}

absl::Status Storage::Write(Batch& batch) { return db_.Write(&batch.impl_->writes); }

absl::StatusOr<std::vector<Storage::Archived>> Storage::ReadArchive(Area area, Seq after,
                                                                    size_t records_max) {
  std::vector<Archived> records;
  size_t bytes = 0;
  const std::string area_key = view::AreaKey(area);
  RETURN_IF_ERROR(db_.Scan(
      db_.archive(), area_key, view::ArchiveKey(area, after.Next()),
      [&](absl::string_view key, absl::string_view value) {
        const absl::string_view numbers = key.substr(area_key.size());
        // An EpochStarted stands between two seqs and means nothing to a projection.
        if (view::FromBigEndian(numbers.substr(8)) != 0) return true;
        records.push_back({Seq(view::FromBigEndian(numbers.substr(0, 8))), std::string(value)});
        bytes += value.size();
        return records.size() < records_max && bytes < kArchiveBytesMax;
      }));
  return records;
}

absl::StatusOr<Seq> Storage::ArchiveHead(Area area) {
  ASSIGN_OR_RETURN(log::v1::CheckpointRow checkpoint, view::Archive(db_).Checkpoint(area));
  return Seq(checkpoint.seq());
}

namespace {

class ViewMarks final : public MarkStore {
 public:
  explicit ViewMarks(view::ViewDb& db) : db_(db) {}
  absl::StatusOr<std::optional<common::v1::FeedPosition>> Get(absl::string_view key) override {
    ASSIGN_OR_RETURN(auto value, db_.Get(db_.meta(), absl::StrCat("mark/", key)));
    if (!value) return std::optional<common::v1::FeedPosition>();
    common::v1::FeedPosition mark;
    if (!mark.ParseFromString(*value)) {
      return absl::DataLossError(absl::StrCat("damaged mark ", key));
    }
    return std::optional<common::v1::FeedPosition>(std::move(mark));
  }
  absl::Status Put(absl::string_view key, const common::v1::FeedPosition& mark) override {
    return db_.Put(db_.meta(), absl::StrCat("mark/", key), mark.SerializeAsString());
  }

 private:
  view::ViewDb& db_;
};

}  // namespace

std::unique_ptr<MarkStore> MakeViewMarks(view::ViewDb& db) {
  return std::make_unique<ViewMarks>(db);
}

}  // namespace pdp::projection
