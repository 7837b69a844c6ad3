#ifndef PDP_LIBS_PROJECTION_TESTING_HISTORY_H_
#define PDP_LIBS_PROJECTION_TESTING_HISTORY_H_

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/base/random.h"
#include "libs/privacy/key_vault.h"
#include "libs/privacy/seal.h"
#include "libs/projection/testing/clinic.h"
#include "libs/record/codec.h"
#include "libs/view/keys.h"
#include "libs/view/view_db.h"
#include "pdp/log/v1/views.pb.h"
#include "rocksdb/write_batch.h"

namespace pdp::projection::testing {

// The views of a cell that has accepted what the test says, without the cell: records in the
// archive, as the engine leaves them. In a folder of its own, deleted at the end.
class History {
 public:
  History()
      : path_(std::filesystem::temp_directory_path() /
              absl::StrCat("pdp_history_", CommandId(Random::System().Bytes(16)).hex())),
        vault_(privacy::MakeMemoryKeyVault()) {
    Open();
  }
  ~History() {
    db_.reset();
    std::filesystem::remove_all(path_);
  }

  // Closes and opens the database, as a restart does. Nobody may be using it.
  void Reopen() {
    db_.reset();
    Open();
  }

  Seq Register(Area area, const std::string& crn, const std::string& name) {
    clinic::v1::Event event;
    event.mutable_person_registered()->set_crn(crn);
    event.mutable_person_registered()->set_name(name);
    return Commit(area, crn, {event});
  }
  Seq Visit(Area area, const std::string& crn, int64_t minutes, int times = 1) {
    clinic::v1::Event event;
    event.mutable_visit_recorded()->set_crn(crn);
    event.mutable_visit_recorded()->set_minutes(minutes);
    return Commit(area, crn, std::vector<clinic::v1::Event>(times, event));
  }
  Seq Barrier(Area area) {
    log::v1::Record record = Next(area);
    record.mutable_barrier();
    return Store(area, record);
  }

  view::ViewDb& db() { return *db_; }
  privacy::KeyVault& vault() { return *vault_; }
  const std::filesystem::path& path() const { return path_; }

 private:
  void Open() {
    auto db = view::ViewDb::Open(path_.string());
    PDP_CHECK(db.ok(), db.status().ToString());
    db_ = *std::move(db);
  }

  log::v1::Record Next(Area area) {
    log::v1::Record record;
    record.set_area(std::string(area.code()));
    record.set_epoch(1);
    record.set_seq(++seqs_[area]);
    record.set_prev_hash(std::string(32, '\0'));
    return record;
  }

  Seq Commit(Area area, const std::string& crn, const std::vector<clinic::v1::Event>& events) {
    log::v1::Record record = Next(area);
    log::v1::Commit& commit = *record.mutable_commit();
    commit.mutable_recorded_at()->set_seconds(1'750'000'000 + static_cast<int64_t>(record.seq()));
    commit.mutable_occurred_at()->set_seconds(1'740'000'000);
    commit.set_command_id(std::string(16, 'c'));
    commit.set_correlation_id("corr-1");
    commit.set_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    for (const clinic::v1::Event& event : events) {
      log::v1::RecordedEvent& stored = *commit.add_events();
      stored.set_aggregate_id(absl::StrCat("person/", crn));
      stored.set_version(++versions_[crn]);
      stored.set_type(decider::CaseName(event));
      const auto split = privacy::Seal(event, crn,
                                       absl::StrCat("clinic/", area.code(), "/person/", crn, "/",
                                                    stored.version()),
                                       *vault_);
      PDP_CHECK(split.ok(), split.status().ToString());
      stored.set_payload(split->clear);
      if (split->sealed) *stored.mutable_sealed() = *split->sealed;
    }
    return Store(area, record);
  }

  Seq Store(Area area, const log::v1::Record& record) {
    const Seq seq(record.seq());
    log::v1::CheckpointRow checkpoint;
    checkpoint.set_epoch(1);
    checkpoint.set_seq(record.seq());
    rocksdb::WriteBatch batch;
    batch.Put(db_->archive(), view::ArchiveKey(area, seq), record::Encode(record));
    batch.Put(db_->meta(), view::AreaKey(area), checkpoint.SerializeAsString());
    PDP_CHECK(db_->Write(&batch).ok(), "the archive is written");
    return seq;
  }

  const std::filesystem::path path_;
  std::unique_ptr<privacy::KeyVault> vault_;
  std::unique_ptr<view::ViewDb> db_;
  std::map<Area, uint64_t> seqs_;
  std::map<std::string, uint64_t> versions_;
};

}  // namespace pdp::projection::testing

#endif  // PDP_LIBS_PROJECTION_TESTING_HISTORY_H_
