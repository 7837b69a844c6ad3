#include "libs/projection/process_runner.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <list>
#include <map>
#include <thread>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "libs/base/hash.h"
#include "libs/base/log.h"
#include "libs/base/mark.h"
#include "libs/base/planted.h"
#include "libs/base/status_macros.h"
#include "libs/projection/pulse.h"

namespace pdp::projection {
namespace {

using common::v1::CloudEvent;
using common::v1::FeedPosition;
using Place = std::pair<uint64_t, uint32_t>;  // (seq, index)

Place PlaceOf(const CloudEvent& event) { return {event.seq(), event.index()}; }
Place PlaceOf(const FeedPosition& at) { return {at.seq(), at.index()}; }

// The greatest place before `place`.
Place Before(Place place) {
  if (place.second > 0) return {place.first, place.second - 1};
  if (place.first > 0) return {place.first - 1, std::numeric_limits<uint32_t>::max()};
  return {0, 0};
}

FeedPosition ToPosition(Area area, Place place) {
  FeedPosition at;
  at.set_area(std::string(area.code()));
  at.set_seq(place.first);
  at.set_index(place.second);
  return at;
}

struct Parked {
  CloudEvent event;
  std::string key;
  // By the clock's Steady: one that is set right makes no event wait longer.
  absl::Duration since;
  absl::Duration due;
  absl::Duration wait;
  bool alarmed = false;
};

// One partition of one source as a worker sees it.
struct Partition {
  std::string mark_key;
  // Everything up to here has been received: done, or parked.
  Place received{0, 0};
  Place marked{0, 0};
  std::list<Parked> parked;  // in order

  Place done() const { return parked.empty() ? received : Before(PlaceOf(parked.front().event)); }
};

struct Source {
  Subscription subscription;
  std::unique_ptr<EventSource> reader;
  std::map<Area, Partition> partitions;
  absl::Duration reopen_at = -absl::InfiniteDuration();  // Steady
};

// Fulfils ProcessContext for one reaction.
class Context final : public ProcessContext {
 public:
  Context(const ProcessRunner::Engine& engine, Clock& clock, Area area, const CloudEvent& event,
          std::optional<log::v1::Cause> cause)
      : engine_(engine), clock_(clock), area_(area), event_(event), cause_(std::move(cause)) {}

  Area area() const override { return area_; }
  absl::Time now() const override { return clock_.Now(); }
  CommandId DerivedId(absl::string_view step) const override {
    return DerivedCommandId(event_.id(), step);
  }
  common::v1::CommandHeader HeaderFor(absl::string_view step) const override {
    if (PDP_PLANTED(kFreshIdEachTry)) return Header(absl::StrCat(step, absl::FormatTime(now())));
    return Header(step);
  }
  common::v1::CommandHeader Header(absl::string_view step) const {
    common::v1::CommandHeader header;
    header.set_command_id(std::string(DerivedId(step).bytes()));
    header.mutable_actor()->set_id("process");
    header.mutable_actor()->add_roles("SYS");
    header.set_correlation_id(event_.correlation_id());
    header.set_traceparent(event_.traceparent());
    return header;
  }
  engine::CommandOutcome Execute(absl::string_view step, const google::protobuf::Message& command,
                                 std::optional<Area> cell) override {
    engine::CommandRequest request;
    request.header = Header(step);
    std::shared_ptr<google::protobuf::Message> copy(command.New());
    copy->MergeFrom(command);
    request.command = std::move(copy);
    request.causation_id = event_.id();
    const Area to = cell.value_or(area_);
    if (to == area_) {
      // Only a commit of the own cell may move its inbox. When another leads it, that one reacts.
      request.cause = cause_;
      return engine_.execute(to, std::move(request));
    }
    engine::CommandOutcome outcome = engine_.execute(to, request);
    const std::optional<std::string> owner = engine::OwnerOf(outcome);
    if (!owner.has_value() || !engine_.forward) return outcome;
    return engine_.forward(to, *owner, std::move(request));
  }

 private:
  const ProcessRunner::Engine& engine_;
  Clock& clock_;
  const Area area_;
  const CloudEvent& event_;
  const std::optional<log::v1::Cause> cause_;
};

}  // namespace

// One (process, area). Its thread is the only one to touch sources; `mutex_` guards what info
// shows.
class ProcessRunner::Worker {
 public:
  Worker(const ProcessRunner& runner, Area area, std::unique_ptr<Process> process)
      : runner_(runner),
        options_(runner.options_),
        area_(area),
        process_(std::move(process)),
        name_(process_->name()) {
    for (Subscription& subscription : process_->subscriptions()) {
      sources_.emplace_back().subscription = std::move(subscription);
    }
  }

  // True when anything was done.
  bool Round() {
    bool worked = false;
    waiting_ = false;
    if (!runner_.engine_.leads || runner_.engine_.leads(area_)) {
      for (Source& source : sources_) {
        worked |= Visit(source);
        for (const auto& [area, partition] : source.partitions) {
          waiting_ |= !partition.parked.empty();
        }
        waiting_ |= source.reader == nullptr;
      }
    } else {
      Release();
    }
    ShowInfo();
    return worked;
  }

  void Start() {
    thread_ = std::thread([this] { Run(); });
  }
  void RequestStop() {
    stopping_ = true;
    pulse_->Beat();
  }
  void Join() {
    if (thread_.joinable()) thread_.join();
  }
  void Wake() { pulse_->Beat(); }

  std::vector<Info> info() const {
    absl::MutexLock lock(&mutex_);
    return info_;
  }

 private:
  void Run() {
    while (!stopping_) {
      const uint64_t seen = pulse_->count();
      if (!Round()) pulse_->Await(seen, waiting_ ? options_.tick : absl::Seconds(1));
    }
    Release();
  }

  // Gives the sources up; marks are read again when they are opened again.
  void Release() {
    for (Source& source : sources_) {
      source.reader.reset();
      source.partitions.clear();
    }
  }

  bool Visit(Source& source) {
    if (source.reader == nullptr && !Open(source)) return false;
    bool worked = false;
    for (auto& [area, partition] : source.partitions) {
      if (Retry(source, area, partition)) worked = true;
      if (partition.parked.size() >= options_.parked_max) return worked;
    }
    auto events = source.reader->Poll(options_.poll_events_max, absl::ZeroDuration());
    if (!events.ok()) {
      Failed(source, events.status());
      if (!absl::IsUnavailable(events.status())) source.reader.reset();
      return worked;
    }
    for (const CloudEvent& event : *events) {
      if (stopping_) return true;
      Take(source, event);
    }
    return worked || !events->empty();
  }

  bool Open(Source& source) {
    if (options_.clock->Steady() < source.reopen_at) return false;
    absl::Status opened = TryOpen(source);
    if (!opened.ok()) {
      Failed(source, opened);
      source.partitions.clear();
      source.reopen_at = options_.clock->Steady() + options_.retry_min;
    }
    return opened.ok();
  }

  absl::Status TryOpen(Source& source) {
    source.partitions.clear();
    const Subscription& wanted = source.subscription;
    std::vector<Area> areas = {area_};
    switch (wanted.partitions) {
      case Partitions::kOwn: break;
      case Partitions::kNat: areas = {Area::Nat()}; break;
      case Partitions::kAll: areas.assign(Area::All().begin(), Area::All().end()); break;
    }
    SourceRequest request{.service = wanted.service, .types = wanted.types};
    for (Area area : areas) {
      Partition& partition = source.partitions[area];
      partition.mark_key = absl::StrCat("process/", area_.code(), "/", name_, "/", wanted.service,
                                        "/", area.code());
      ASSIGN_OR_RETURN(auto mark, runner_.marks_.Get(partition.mark_key));
      if (mark) partition.received = PlaceOf(*mark);
      if (runner_.engine_.inbox) {
        ASSIGN_OR_RETURN(FeedPosition inbox,
                         runner_.engine_.inbox(area_, name_, wanted.service, area));
        // The event of the inbox mark may have steps to do: it is taken again.
        if (PlaceOf(inbox) > partition.received) partition.received = Before(PlaceOf(inbox));
      }
      partition.marked = partition.received;
      process_->Resumes(wanted.service, ToPosition(area, partition.received));
      request.after.push_back(ToPosition(area, partition.received));
    }
    request.notify = [pulse = pulse_] { pulse->Beat(); };
    ASSIGN_OR_RETURN(source.reader, runner_.sources_(std::move(request)));
    return absl::OkStatus();
  }

  void Take(Source& source, const CloudEvent& event) {
    const std::optional<Area> area = Area::FromCode(event.area());
    const auto it = area ? source.partitions.find(*area) : source.partitions.end();
    if (it == source.partitions.end()) return;
    Partition& partition = it->second;
    if (PlaceOf(event) <= partition.received) {
      PDP_MARK("process_dropped_a_repeat");
      return;
    }
    std::string key = process_->OrderingKey(event);
    const bool blocked = std::any_of(
        partition.parked.begin(), partition.parked.end(),
        [&](const Parked& before) {
          return key.empty() || before.key.empty() || before.key == key;
        });
    const absl::Duration now = options_.clock->Steady();
    absl::Status reacted = absl::UnavailableError("behind an earlier event");
    if (!blocked) reacted = React(source, *area, partition, event);
    partition.received = PlaceOf(event);
    if (!reacted.ok() && !PDP_PLANTED(kDropFailedEvent)) {
      PDP_MARK("process_parked_an_event");
      // A blocked event is due at once when its turn comes.
      partition.parked.push_back({.event = event, .key = std::move(key), .since = now,
                                  .due = blocked ? now : now + options_.retry_min,
                                  .wait = blocked ? options_.retry_min : 2 * options_.retry_min});
    }
    Mark(partition, *area);
  }

  // Tries what is parked and due, in order and in the order of each key. True when anything was
  // tried.
  bool Retry(Source& source, Area area, Partition& partition) {
    bool tried = false;
    bool barrier = false;
    absl::flat_hash_set<std::string> waiting;
    for (auto it = partition.parked.begin(); it != partition.parked.end() && !stopping_;) {
      Parked& parked = *it;
      const absl::Duration now = options_.clock->Steady();
      const bool turn = !barrier && !waiting.contains(parked.key) &&
                        !(parked.key.empty() && it != partition.parked.begin());
      if (turn && parked.due <= now) {
        tried = true;
        if (React(source, area, partition, parked.event).ok()) {
          it = partition.parked.erase(it);
          continue;
        }
        parked.due = now + parked.wait;
        parked.wait = std::min(2 * parked.wait, options_.retry_max);
      }
      Alarm(parked, now);
      if (parked.key.empty()) barrier = true;
      waiting.insert(parked.key);
      ++it;
    }
    if (tried) Mark(partition, area);
    return tried;
  }

  absl::Status React(Source& source, Area area, const Partition& partition,
                     const CloudEvent& event) {
    std::optional<log::v1::Cause> cause;
    if (partition.parked.empty() || PlaceOf(event) <= PlaceOf(partition.parked.front().event)) {
      cause.emplace();
      cause->set_process(name_);
      cause->set_service(source.subscription.service);
      cause->set_area(std::string(area.code()));
      cause->set_seq(event.seq());
      cause->set_index(event.index());
    }
    Context context(runner_.engine_, *options_.clock, area_, event, std::move(cause));
    absl::Status reacted = process_->React(event, context);
    if (!reacted.ok()) Failed(source, reacted);
    return reacted;
  }

  void Mark(Partition& partition, Area area) {
    const Place done = partition.done();
    if (done <= partition.marked) return;
    absl::Status put = runner_.marks_.Put(partition.mark_key, ToPosition(area, done));
    if (put.ok()) {
      partition.marked = done;
    } else {
      PDP_LOG(WARNING) << "process " << name_ << "/" << area_ << ": mark not moved: "
                       << put.message();
    }
  }

  void Alarm(Parked& parked, absl::Duration now) {
    if (parked.alarmed || now - parked.since < options_.alarm_after) return;
    parked.alarmed = true;
    const absl::Duration waited = absl::Trunc(now - parked.since, absl::Seconds(1));
    PDP_LOG(ERROR) << "process " << name_ << "/" << area_ << ": event " << parked.event.id()
                   << " has been waiting for " << absl::FormatDuration(waited) << ": "
                   << last_error_;
  }

  void Failed(const Source& source, const absl::Status& status) {
    const std::string text = absl::StrCat(source.subscription.service, ": ", status.ToString());
    if (text != last_error_) PDP_LOG(INFO) << "process " << name_ << "/" << area_ << ": " << text;
    last_error_ = text;
  }

  void ShowInfo() {
    std::vector<Info> infos;
    for (const Source& source : sources_) {
      Info& info = infos.emplace_back();
      info.process = name_;
      info.area = area_;
      info.source = source.subscription.service;
      info.last_error = last_error_;
      for (const auto& [area, partition] : source.partitions) {
        info.marks.push_back(ToPosition(area, partition.marked));
        info.parked += partition.parked.size();
      }
    }
    absl::MutexLock lock(&mutex_);
    info_ = std::move(infos);
  }

  const ProcessRunner& runner_;
  const Options& options_;
  const Area area_;
  const std::unique_ptr<Process> process_;
  const std::string name_;
  std::vector<Source> sources_;
  std::string last_error_;
  // Something is to be tried again soon, whether or not anything comes.
  bool waiting_ = false;
  // Shared: a source may notify until it is gone.
  const std::shared_ptr<Pulse> pulse_ = std::make_shared<Pulse>();
  std::atomic<bool> stopping_ = false;
  mutable absl::Mutex mutex_;
  std::vector<Info> info_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

ProcessRunner::ProcessRunner(Options options, Engine engine, MarkStore& marks,
                             SourceFactory sources)
    : options_(std::move(options)),
      engine_(std::move(engine)),
      marks_(marks),
      sources_(std::move(sources)) {}

ProcessRunner::~ProcessRunner() { Stop(); }

void ProcessRunner::Add(Area area, std::unique_ptr<Process> process) {
  workers_.push_back(std::make_unique<Worker>(*this, area, std::move(process)));
}

void ProcessRunner::Start() {
  if (!options_.threads) return;
  for (const auto& worker : workers_) worker->Start();
}

bool ProcessRunner::Step() {
  bool worked = false;
  for (const auto& worker : workers_) worked |= worker->Round();
  return worked;
}

void ProcessRunner::Stop() {
  for (const auto& worker : workers_) worker->RequestStop();
  for (const auto& worker : workers_) worker->Join();
}

void ProcessRunner::Wake() {
  for (const auto& worker : workers_) worker->Wake();
}

std::vector<ProcessRunner::Info> ProcessRunner::info() const {
  std::vector<Info> all;
  for (const auto& worker : workers_) {
    for (Info& info : worker->info()) all.push_back(std::move(info));
  }
  return all;
}

}  // namespace pdp::projection
