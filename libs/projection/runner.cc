#include "libs/projection/runner.h"

#include <algorithm>
#include <atomic>
#include <list>
#include <map>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "libs/base/check.h"
#include "libs/base/log.h"
#include "libs/base/status_macros.h"
#include "libs/privacy/key_vault.h"
#include "libs/projection/decode.h"
#include "libs/projection/entry.h"
#include "libs/projection/pulse.h"
#include "libs/projection/rows.h"
#include "libs/projection/storage.h"

namespace pdp::projection {
namespace {

using common::v1::Position;

}  // namespace

class ProjectionRunner::Impl {
 public:
  Impl(Options options, view::ViewDb& db, privacy::KeyVault& vault, EventFactory new_event)
      : options_(std::move(options)),
        storage_(db),
        vault_(vault),
        new_event_(std::move(new_event)),
        upcaster_(options_.upcaster == nullptr ? &no_lifts_ : options_.upcaster) {}
  ~Impl() { Stop(); }

  RowReader& Add(std::unique_ptr<Projection> projection) {
    PDP_CHECK(Find(projection->name()) == nullptr, "two projections of one name");
    auto entry = std::make_unique<Entry>();
    entry->name = projection->name();
    entry->projection = std::move(projection);
    entry->reader = std::make_unique<LiveReader>(storage_, vault_, *entry);
    entries_.push_back(std::move(entry));
    return *entries_.back()->reader;
  }

  Entry* Find(absl::string_view name) const {
    for (const auto& entry : entries_) {
      if (entry->name == name) return entry.get();
    }
    return nullptr;
  }

  absl::Status Start() {
    for (const auto& entry : entries_) RETURN_IF_ERROR(OpenLive(*entry));
    started_ = true;
    if (!options_.threads) {
      for (const auto& entry : entries_) {
        if (!entry->current()) Upgrade(*entry);
      }
      return absl::OkStatus();
    }
    thread_ = std::thread([this] { Run(); });
    for (const auto& entry : entries_) {
      if (!entry->current()) upgrades_.emplace_back([this, e = entry.get()] { Upgrade(*e); });
    }
    return absl::OkStatus();
  }

  void Stop() {
    stopping_ = true;
    pulse_.Beat();
    if (thread_.joinable()) thread_.join();
    for (std::thread& upgrade : upgrades_) upgrade.join();
    upgrades_.clear();
    for (const auto& entry : entries_) {
      std::list<Waiter> waiters;
      {
        absl::MutexLock lock(&entry->mutex);
        waiters.swap(entry->waiters);
      }
      for (Waiter& waiter : waiters) waiter.done(absl::UnavailableError("stopping"));
    }
  }

  void Wake() { pulse_.Beat(); }

  // One batch of everything; `next` is when to look again if nothing comes.
  bool Round(absl::Time* next);

  void WhenAt(Entry& entry, const std::vector<Position>& positions, absl::Time deadline,
              std::function<void(absl::Status)> done) {
    absl::Status status;
    {
      absl::MutexLock lock(&entry.mutex);
      if (!Passed(entry, positions)) {
        if (stopping_) {
          status = absl::UnavailableError("stopping");
        } else {
          entry.waiters.push_back({positions, deadline, std::move(done)});
          done = nullptr;
        }
      }
    }
    if (done) {
      done(std::move(status));
    } else {
      pulse_.Beat();  // the thread takes the deadline into account
    }
  }

  absl::Status Rebuild(Entry& entry, absl::FunctionRef<void(uint64_t, uint64_t)> progress);

  std::vector<common::v1::ProjectionInfo> info();
  Seq checkpoint(const Entry& entry, Area area) const {
    absl::MutexLock lock(&entry.mutex);
    const auto it = entry.checkpoints.find(area);
    return it == entry.checkpoints.end() ? Seq(0) : it->second;
  }

  std::vector<std::unique_ptr<Entry>>& entries() { return entries_; }

 private:
  absl::Status OpenLive(Entry& entry);
  void Upgrade(Entry& entry);
  void Run();
  absl::Time SettleWaiters(Entry& entry);
  bool Passed(const Entry& entry, const std::vector<Position>& positions) const
      ABSL_SHARED_LOCKS_REQUIRED(entry.mutex);
  // Opened records of an area: once a round, for all projections that stand at `after`.
  struct Window {
    Seq after;
    std::vector<DecodedRecord> records;
  };
  absl::StatusOr<bool> StepLive(Entry& entry, Area area, std::optional<Window>* window);
  absl::StatusOr<Window> Open(Area area, Seq after, size_t records_max);
  absl::StatusOr<Seq> Write(Entry& entry, TableBuild& build, Area area,
                            const std::vector<DecodedRecord>& records);
  absl::Status CatchUpAndSwitch(Entry& entry, std::shared_ptr<TableBuild> next,
                                std::map<Area, Seq> at,
                                absl::FunctionRef<void(uint64_t, uint64_t)> progress);

  const Options options_;
  Storage storage_;
  privacy::KeyVault& vault_;
  const EventFactory new_event_;
  const record::Upcaster no_lifts_;
  const record::Upcaster* const upcaster_;
  std::vector<std::unique_ptr<Entry>> entries_;
  Pulse pulse_;
  std::atomic<bool> stopping_ = false;
  bool started_ = false;
  std::thread thread_;
  std::vector<std::thread> upgrades_;
};

absl::Status ProjectionRunner::Impl::OpenLive(Entry& entry) {
  ASSIGN_OR_RETURN(std::optional<Storage::Build> build, storage_.Live(entry.name));
  const bool is_new = !build;
  if (is_new) build = Storage::Build{.version = entry.projection->version()};
  ASSIGN_OR_RETURN(auto table, storage_.Open(entry.name, *build));
  if (is_new) {
    Storage::Batch batch(storage_);
    batch.SetLive(entry.name, *build);
    RETURN_IF_ERROR(storage_.Write(batch));
  }
  auto live = std::make_shared<TableBuild>(storage_, entry.name, *build, std::move(table));
  absl::MutexLock lock(&entry.mutex);
  for (Area area : options_.areas) {
    ASSIGN_OR_RETURN(entry.checkpoints[area], storage_.Checkpoint(entry.name, *build, area));
  }
  entry.live = std::move(live);
  return absl::OkStatus();
}

bool ProjectionRunner::Impl::Round(absl::Time* next) {
  bool worked = false;
  *next = options_.clock->Now() + absl::Seconds(1);
  for (Area area : options_.areas) {
    std::optional<Window> window;
    for (const auto& entry : entries_) {
      if (stopping_) return worked;
      const auto stepped = StepLive(*entry, area, &window);
      worked |= stepped.ok() && *stepped;
    }
  }
  for (const auto& entry : entries_) *next = std::min(*next, SettleWaiters(*entry));
  return worked;
}

void ProjectionRunner::Impl::Run() {
  while (!stopping_) {
    const uint64_t seen = pulse_.count();
    absl::Time next;
    if (!Round(&next)) {
      const absl::Duration wait = next - options_.clock->Now();
      pulse_.Await(seen, std::clamp(wait, absl::Milliseconds(1), absl::Seconds(1)));
    }
  }
}

// Answers those who need not wait longer. The earliest deadline or retry of the rest.
absl::Time ProjectionRunner::Impl::SettleWaiters(Entry& entry) {
  std::vector<std::pair<std::function<void(absl::Status)>, absl::Status>> settled;
  absl::Time next = absl::InfiniteFuture();
  const absl::Time now = options_.clock->Now();
  {
    absl::MutexLock lock(&entry.mutex);
    absl::Status failure;
    for (const auto& [area, retry] : entry.retries) {
      if (!retry.failure.ok()) {
        failure = retry.failure;
        next = std::min(next, now + (retry.due - options_.clock->Steady()));
      }
    }
    for (auto it = entry.waiters.begin(); it != entry.waiters.end();) {
      absl::Status status;
      if (Passed(entry, it->positions)) {
      } else if (!failure.ok()) {
        status = absl::UnavailableError(
            absl::StrCat("projection ", entry.name, " is failing: ", failure.message()));
      } else if (it->deadline <= now) {
        status = absl::DeadlineExceededError(
            absl::StrCat("projection ", entry.name, " has not got there yet"));
      } else {
        next = std::min(next, it->deadline);
        ++it;
        continue;
      }
      settled.emplace_back(std::move(it->done), std::move(status));
      it = entry.waiters.erase(it);
    }
  }
  for (auto& [done, status] : settled) done(std::move(status));
  return next;
}

bool ProjectionRunner::Impl::Passed(const Entry& entry,
                                    const std::vector<Position>& positions) const {
  for (const Position& position : positions) {
    const std::optional<Area> area = Area::FromCode(position.area());
    const auto it = area ? entry.checkpoints.find(*area) : entry.checkpoints.end();
    if (it != entry.checkpoints.end() && it->second.value() < position.seq()) return false;
  }
  // Rows of an older version of the code stand still until the new ones take their place.
  return positions.empty() || entry.live == nullptr ||
         entry.live->build.version == entry.projection->version();
}

// One batch of the live rows. True when there was anything to do.
absl::StatusOr<bool> ProjectionRunner::Impl::StepLive(Entry& entry, Area area,
                                                      std::optional<Window>* window) {
  absl::MutexLock stepping(&entry.stepping);
  if (!entry.current()) return false;
  const std::shared_ptr<TableBuild> live = entry.LiveBuild();
  Seq at;
  {
    absl::MutexLock lock(&entry.mutex);
    if (entry.retries[area].due > options_.clock->Steady()) return false;
    at = entry.checkpoints[area];
  }
  const absl::StatusOr<Seq> reached = [&]() -> absl::StatusOr<Seq> {
    if (!*window || (*window)->after != at) {
      ASSIGN_OR_RETURN(*window, Open(area, at, options_.records_batch_max));
    }
    return (*window)->records.empty() ? at : Write(entry, *live, area, (*window)->records);
  }();
  {
    absl::MutexLock lock(&entry.mutex);
    Retry& retry = entry.retries[area];
    if (!reached.ok()) {
      if (retry.failure != reached.status()) {
        PDP_LOG(ERROR) << "projection " << entry.name << "/" << area << " after " << at << ": "
                       << reached.status().ToString();
      }
      retry.wait = retry.failure.ok() ? options_.retry
                                      : std::min(2 * retry.wait, 64 * options_.retry);
      retry.due = options_.clock->Steady() + retry.wait;
      retry.failure = reached.status();
      return reached.status();
    }
    if (*reached == at) return false;
    retry = Retry{};
    entry.checkpoints[area] = *reached;
  }
  for (const auto& listener : entry.listeners) listener(area);
  return true;
}

auto ProjectionRunner::Impl::Open(Area area, Seq after, size_t records_max)
    -> absl::StatusOr<Window> {
  Window window{.after = after};
  ASSIGN_OR_RETURN(const auto archived, storage_.ReadArchive(area, after, records_max));
  ASSIGN_OR_RETURN(window.records, DecodeRecords(options_.service, area, archived, new_event_,
                                                 *upcaster_, vault_));
  return window;
}

absl::StatusOr<Seq> ProjectionRunner::Impl::Write(Entry& entry, TableBuild& build, Area area,
                                                  const std::vector<DecodedRecord>& records) {
  BatchRowWriter writer(storage_, *build.table, vault_, entry.name, area);
  for (size_t i = 0; i < records.size(); ++i) {
    for (const RecordedEvent& event : records[i].events) {
      absl::Status projected = entry.projection->Project(event, writer);
      projected.Update(writer.status());
      if (projected.ok()) continue;
      // What comes before the bad record is not held up by it.
      if (i > 0) {
        return Write(entry, build, area, {records.begin(), records.begin() + static_cast<long>(i)});
      }
      return absl::Status(projected.code(),
                          absl::StrCat("event ", event.type, " at ", area.code(), "/",
                                       event.seq.value(), "/", event.index, ": ",
                                       projected.message()));
    }
  }
  if (writer.sealed()) RETURN_IF_ERROR(vault_.Sync());
  Storage::Batch batch(storage_);
  writer.MoveTo(batch);
  batch.SetCheckpoint(entry.name, build.build, area, records.back().seq);
  RETURN_IF_ERROR(storage_.Write(batch));
  return records.back().seq;
}

// Builds what a new version of the code needs, for as long as it takes.
void ProjectionRunner::Impl::Upgrade(Entry& entry) {
  while (!stopping_) {
    absl::Status rebuilt = Rebuild(entry, [](uint64_t, uint64_t) {});
    if (rebuilt.ok() || stopping_) return;
    PDP_LOG(ERROR) << "projection " << entry.name << ": new version not built: "
                   << rebuilt.ToString();
    const uint64_t seen = pulse_.count();
    pulse_.Await(seen, options_.retry);
  }
}

absl::Status ProjectionRunner::Impl::Rebuild(
    Entry& entry, absl::FunctionRef<void(uint64_t, uint64_t)> progress) {
  if (!started_) return absl::FailedPreconditionError("not started");
  const std::shared_ptr<TableBuild> live = entry.LiveBuild();
  Storage::Build build{.version = entry.projection->version()};
  if (live->build.version == build.version) build.generation = live->build.generation + 1;
  {
    absl::MutexLock lock(&entry.mutex);
    if (entry.rebuilding) return absl::AbortedError("a rebuild of it is running");
    entry.rebuilding = true;
    entry.rebuilt.clear();
  }
  absl::Status status = [&]() -> absl::Status {
    // What an interrupted rebuild has left is continued only for a new version; else it starts
    // afresh.
    if (live->build.version == build.version) RETURN_IF_ERROR(storage_.Drop(entry.name, build));
    ASSIGN_OR_RETURN(auto table, storage_.Open(entry.name, build));
    std::map<Area, Seq> at;
    for (Area area : options_.areas) {
      ASSIGN_OR_RETURN(at[area], storage_.Checkpoint(entry.name, build, area));
    }
    auto next = std::make_shared<TableBuild>(storage_, entry.name, build, std::move(table));
    return CatchUpAndSwitch(entry, std::move(next), std::move(at), progress);
  }();
  {
    absl::MutexLock lock(&entry.mutex);
    entry.rebuilding = false;
  }
  pulse_.Beat();
  return status;
}

absl::Status ProjectionRunner::Impl::CatchUpAndSwitch(
    Entry& entry, std::shared_ptr<TableBuild> next, std::map<Area, Seq> at,
    absl::FunctionRef<void(uint64_t, uint64_t)> progress) {
  // Rounds over all areas until one finds little to do; the last one holds the live rows still.
  const auto round = [&]() -> absl::StatusOr<bool> {
    bool any = false;
    uint64_t done = 0;
    uint64_t total = 0;
    for (auto& [area, seq] : at) {
      if (stopping_) return absl::CancelledError("stopping");
      ASSIGN_OR_RETURN(const Window window, Open(area, seq, options_.records_batch_max));
      Seq reached = seq;
      if (!window.records.empty()) {
        ASSIGN_OR_RETURN(reached, Write(entry, *next, area, window.records));
      }
      any |= reached != seq;
      seq = reached;
      ASSIGN_OR_RETURN(Seq head, storage_.ArchiveHead(area));
      done += seq.value();
      total += std::max(head, seq).value();
    }
    {
      absl::MutexLock lock(&entry.mutex);
      entry.rebuilt = at;
    }
    progress(done, total);
    return any;
  };
  while (true) {
    ASSIGN_OR_RETURN(bool any, round());
    if (!any) break;
  }
  absl::MutexLock stepping(&entry.stepping);
  while (true) {
    ASSIGN_OR_RETURN(bool any, round());
    if (!any) break;
  }
  Storage::Batch batch(storage_);
  batch.SetLive(entry.name, next->build);
  RETURN_IF_ERROR(storage_.Write(batch));
  std::shared_ptr<TableBuild> old;
  {
    absl::MutexLock lock(&entry.mutex);
    old = std::exchange(entry.live, std::move(next));
    entry.checkpoints = at;
    entry.retries.clear();
  }
  old->retired = true;
  return absl::OkStatus();
}

std::vector<common::v1::ProjectionInfo> ProjectionRunner::Impl::info() {
  std::vector<common::v1::ProjectionInfo> infos;
  for (const auto& entry : entries_) {
    for (Area area : options_.areas) {
      common::v1::ProjectionInfo& info = infos.emplace_back();
      info.set_name(entry->name);
      info.set_area(std::string(area.code()));
      const auto head = storage_.ArchiveHead(area);
      info.set_head_seq(head.ok() ? head->value() : 0);
      absl::MutexLock lock(&entry->mutex);
      if (entry->live != nullptr) info.set_live_version(entry->live->build.version);
      info.set_checkpoint_seq(entry->checkpoints[area].value());
      info.set_rebuilding(entry->rebuilding);
      if (entry->rebuilding) info.set_rebuild_seq(entry->rebuilt[area].value());
    }
  }
  return infos;
}

ProjectionRunner::ProjectionRunner(Options options, view::ViewDb& db, privacy::KeyVault& vault,
                                   EventFactory new_event)
    : impl_(std::make_unique<Impl>(std::move(options), db, vault, std::move(new_event))) {}
ProjectionRunner::~ProjectionRunner() = default;

RowReader& ProjectionRunner::Add(std::unique_ptr<Projection> projection) {
  return impl_->Add(std::move(projection));
}
RowReader* ProjectionRunner::rows(absl::string_view name) const {
  Entry* entry = impl_->Find(name);
  return entry == nullptr ? nullptr : entry->reader.get();
}
absl::Status ProjectionRunner::Start() { return impl_->Start(); }
bool ProjectionRunner::Step() {
  absl::Time next;
  return impl_->Round(&next);
}
void ProjectionRunner::Stop() { impl_->Stop(); }
void ProjectionRunner::Wake() { impl_->Wake(); }
void ProjectionRunner::AddListener(absl::string_view name, std::function<void(Area)> listener) {
  Entry* entry = impl_->Find(name);
  PDP_CHECK(entry != nullptr, "a listener to a projection that is not there");
  entry->listeners.push_back(std::move(listener));
}
void ProjectionRunner::WhenAt(absl::string_view name, const std::vector<Position>& positions,
                              absl::Time deadline, std::function<void(absl::Status)> done) {
  Entry* entry = impl_->Find(name);
  if (entry == nullptr) {
    done(absl::NotFoundError(absl::StrCat("no projection ", name)));
    return;
  }
  impl_->WhenAt(*entry, positions, deadline, std::move(done));
}
absl::Status ProjectionRunner::WaitFor(absl::string_view name,
                                       const std::vector<Position>& positions,
                                       absl::Time deadline) {
  absl::Notification settled;
  absl::Status result;
  WhenAt(name, positions, deadline, [&](absl::Status status) {
    result = std::move(status);
    settled.Notify();
  });
  settled.WaitForNotification();
  return result;
}
absl::Status ProjectionRunner::Rebuild(absl::string_view name,
                                       absl::FunctionRef<void(uint64_t, uint64_t)> progress) {
  Entry* entry = impl_->Find(name);
  if (entry == nullptr) return absl::NotFoundError(absl::StrCat("no projection ", name));
  return impl_->Rebuild(*entry, progress);
}
std::vector<common::v1::ProjectionInfo> ProjectionRunner::info() const { return impl_->info(); }
Seq ProjectionRunner::checkpoint(absl::string_view name, Area area) const {
  const Entry* entry = impl_->Find(name);
  return entry == nullptr ? Seq(0) : impl_->checkpoint(*entry, area);
}

}  // namespace pdp::projection
