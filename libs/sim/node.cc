#include "libs/sim/node.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/mark.h"
#include "libs/base/status_macros.h"
#include "libs/projection/publisher.h"
#include "libs/sim/remote_source.h"
#include "libs/sim/world.h"

namespace pdp::sim {
namespace {

constexpr absl::Duration kTick = absl::Milliseconds(150);
// Reactions that wait inside each other, over all processes.
constexpr int kNestedMax = 6;
constexpr absl::Duration kExecuteMax = absl::Seconds(4);

// Beyond this a run would wait longer for a process than for anything else.
constexpr absl::Duration kRetryMax = absl::Seconds(4);

std::string NameOf(const Node::Options& options) {
  return absl::StrCat("n", options.slot, ".", options.start);
}

}  // namespace

// A process that is watched: what it reacts to, and whether it has done so.
class Node::Watched final : public projection::Process {
 public:
  Watched(Node& node, Area area, std::unique_ptr<projection::Process> process)
      : node_(node), area_(area), process_(std::move(process)) {}
  std::string name() const override { return process_->name(); }
  std::vector<projection::Subscription> subscriptions() const override {
    return process_->subscriptions();
  }
  std::string OrderingKey(const common::v1::CloudEvent& event) const override {
    return process_->OrderingKey(event);
  }
  void Resumes(const std::string& service, const common::v1::FeedPosition& after) override {
    process_->Resumes(service, after);
  }
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override {
    node_.reaction_ = {.process = name(), .area = area_, .event_id = event.id()};
    const absl::Status reacted = process_->React(event, context);
    if (reacted.ok() && node_.alive()) node_.world_.Reacted(node_.reaction_);
    return reacted;
  }

 private:
  Node& node_;
  const Area area_;
  const std::unique_ptr<projection::Process> process_;
};

Node::Node(World& world, Options options, std::shared_ptr<Disk> disk)
    : world_(world),
      options_(std::move(options)),
      name_(NameOf(options_)),
      disk_(std::move(disk)),
      dice_(world.seed(), absl::StrCat("node ", name_)),
      clock_(world.scheduler()),
      random_(world.seed(), absl::StrCat("random ", name_)),
      vault_(world.keys(), name_),
      log_(world.scheduler(), world.broker(), clock_, name_, world.seed(),
           world.plan().appends_max),
      env_(MakeEnv(disk_, world.scheduler())) {
  disk_->seam = [this] { Seam(); };
  log_.seam = [this] { Seam(); };
  vault_.seam = [this] { Seam(); };
}

Node::~Node() { Close(); }

void Node::Close() {
  dead_ = true;
  disk_->frozen = true;
  disk_->seam = nullptr;
  processes_.reset();
  runner_.reset();
  cells_.clear();
  views_.reset();
  disk_log_.reset();
}

absl::Status Node::Start() {
  const Play& play = *world_.plan().play;
  const std::shared_ptr<const engine::Domain> domain = world_.domain();
  if (options_.embedded) RETURN_IF_ERROR(OpenDiskLog());
  ASSIGN_OR_RETURN(views_, view::ViewDb::Open("/views", env_.get()));
  if (dead_) return absl::UnavailableError("died while starting");
  runner_ = std::make_unique<projection::ProjectionRunner>(
      projection::ProjectionRunner::Options{
          .service = play.name(), .areas = options_.areas, .clock = &clock_, .threads = false,
          .upcaster = &domain->upcaster()},
      *views_, vault_, [domain] { return domain->NewEvent(); });
  const auto add = [this](std::unique_ptr<projection::Projection> projection) {
    views_names_.push_back(projection->name());
    return &runner_->Add(std::move(projection));
  };
  public_rows_ = add(std::make_unique<projection::Publisher>(play.to_public()));
  for (auto& projection : play.Projections(vault_)) add(std::move(projection));
  RETURN_IF_ERROR(runner_->Start());
  for (const Area area : options_.areas) {
    engine::CellOptions cell = options_.cell;
    cell.area = area;
    cell.endpoint = absl::StrCat("n", options_.slot);
    cell.standby = options_.standby;
    auto& made = cells_[area.index()];
    made = std::make_unique<engine::SteppedCell>(
        cell, engine::Cell::Parts{.domain = domain,
                                  .log = disk_log_ != nullptr
                                             ? static_cast<log::EventLog*>(disk_log_.get())
                                             : &log_,
                                  .views = views_.get(),
                                  .vault = &vault_,
                                  .clock = &clock_,
                                  .random = &random_});
    made->AddCommitListener([this](Area changed) {
      Poke(kRunner, changed, dice_.Micros(100, slow_views_ ? 6'000'000 : 3'000));
    });
    RETURN_IF_ERROR(made->Start());
  }
  if (options_.processes) {
    marks_ = projection::MakeViewMarks(*views_);
    projection::ProcessRunner::Engine engine;
    engine.execute = [this](Area area, engine::CommandRequest request) {
      return Execute(*this, area, std::move(request));
    };
    engine.forward = [this](Area area, const std::string& owner, engine::CommandRequest request) {
      return Forward(area, owner, std::move(request));
    };
    engine.inbox = [this](Area own, const std::string& process, const std::string& service,
                          Area area) { return cell(own).InboxMark(process, service, area); };
    engine.leads = [this](Area own) { return cell(own).leading(); };
    processes_ = std::make_unique<projection::ProcessRunner>(
        projection::ProcessRunner::Options{.service = play.name(), .clock = &clock_,
                                           .retry_max = kRetryMax, .threads = false},
        std::move(engine), *marks_, [this](projection::SourceRequest request) {
          return absl::StatusOr<std::unique_ptr<projection::EventSource>>(
              MakeRemoteSource(world_, options_.slot, std::move(request)));
        });
    for (const Area area : options_.areas) {
      auto& around = around_[area.index()];
      around = std::make_unique<Around>(
          world_, *this, options_.apart ? std::optional<Area>(area) : std::nullopt);
      for (auto& process : play.Processes(area, random_, *around)) {
        processes_->Add(area, std::make_unique<Watched>(*this, area, std::move(process)));
      }
    }
  }
  if (dead_) return absl::UnavailableError("died while starting");
  Tick();
  return absl::OkStatus();
}

absl::Status Node::OpenDiskLog() {
  ASSIGN_OR_RETURN(disk_log_, log::OpenSteppedRocksLog("/log", env_.get(), {.clock = &clock_}));
  if (dead_) return absl::OkStatus();
  for (const Area area : options_.areas) {
    ASSIGN_OR_RETURN(const std::vector<std::string> frames, disk_log_->Frames(area, 0));
    const auto& durable = world_.broker().records(area);
    for (size_t i = 0; i < durable.size(); ++i) {
      if (i >= frames.size() || frames[i] != durable[i].bytes) {
        return absl::DataLossError(absl::StrCat("record ", i, " of ", area.code(),
                                                " was durable and is gone after the crash"));
      }
    }
    // Written by the process before, which did not live to hear it.
    for (size_t i = durable.size(); i < frames.size(); ++i) {
      PDP_MARK("written_and_never_heard_of");
      world_.broker().Store(area, frames[i]);
    }
  }
  return absl::OkStatus();
}

void Node::RunDiskLog() {
  const absl::Status written = disk_log_->Step();
  if (dead_) return;
  if (!written.ok()) {
    PDP_MARK("died_of_a_log_that_cannot_be_written");
    world_.scheduler().Note(name_, " cannot write its log: ", written.message());
    return Crash(false);
  }
  for (const Area area : options_.areas) {
    auto frames = disk_log_->Frames(
        area, static_cast<int64_t>(world_.broker().records(area).size()));
    for (std::string& frame : *frames) world_.broker().Store(area, std::move(frame));
  }
}

void Node::Crash(bool power) {
  if (dead_) return;
  dead_ = true;
  world_.scheduler().Note(name_, power ? " power cut" : " killed");
  left_ = power ? disk_->AfterPowerCut(dice_) : disk_->AfterKill();
  disk_->frozen = true;
  log_.Die();
  vault_.Die();
  world_.keys().Forget(name_);
  world_.Died(*this);
}

bool Node::has_parked() const {
  if (processes_ == nullptr) return false;
  for (const projection::ProcessRunner::Info& info : processes_->info()) {
    if (info.parked > 0) return true;
  }
  return false;
}

void Node::CrashAtSeam(int count, bool power) {
  seams_left_ = count;
  seam_power_ = power;
}

void Node::Seam() {
  if (dead_ || seams_left_ == 0) return;
  if (--seams_left_ == 0) {
    PDP_MARK("crash_in_a_step");
    Crash(seam_power_);
  }
}

void Node::Wake() {
  if (!paused_) return;
  paused_ = false;
  PokeAll();
}

void Node::PokeAll() {
  for (const Area area : options_.areas) {
    PokeTail(area, dice_.Micros(0, 2'000));
    PokeCell(area, dice_.Micros(0, 2'000));
    if (cells_.contains(area.index()) && cell(area).claiming()) {
      Poke(kClaim, area, dice_.Micros(0, 2'000));
    }
  }
  Poke(kRunner, options_.areas[0], dice_.Micros(0, 2'000));
  if (options_.embedded) Poke(kDiskLog, options_.areas[0], dice_.Micros(0, 2'000));
  if (options_.processes) Poke(kProcesses, options_.areas[0], dice_.Micros(0, 2'000));
}

void Node::PokeTail(Area area, absl::Duration wait) { Poke(kTail, area, wait); }
void Node::PokeCell(Area area, absl::Duration wait) { Poke(kCell, area, wait); }

void Node::Poke(Actor actor, Area area, absl::Duration wait) {
  if (dead_ || paused_) return;
  if (actor >= kRunner) area = options_.areas[0];
  Due& due = due_[{actor, area.index()}];
  const absl::Time at = world_.scheduler().now() + wait;
  if (due.pending && due.at <= at) return;
  due = {true, at};
  world_.scheduler().At(at, [node = shared_from_this(), actor, area, at] {
    Due& due = node->due_[{actor, area.index()}];
    if (!due.pending || due.at != at) return;
    due.pending = false;
    if (!node->dead_ && !node->paused_) node->Run(actor, area);
  });
}

void Node::Tick() {
  if (dead_) return;
  if (!paused_) PokeAll();
  world_.scheduler().After(kTick, [node = shared_from_this()] { node->Tick(); });
}

void Node::RunTail(Area area) {
  if (!cell(area).StepTail()) return;
  PokeCell(area, dice_.Micros(10, 500));
  PokeTail(area, dice_.Micros(500, 3'000));
}

void Node::Run(Actor actor, Area area) {
  switch (actor) {
    case kTail:
      return RunTail(area);
    case kCell: {
      const std::string before = cell(area).info().state;
      cell(area).StepCell();
      const engine::CellInfo info = cell(area).info();
      if (info.state != before) {
        world_.scheduler().Note(name_, "/", area.code(), " ", info.state, " ", info.reason);
        world_.StateChanged(*this, area, info);
      }
      if (cell(area).claiming()) Poke(kClaim, area, dice_.Micros(100, 3'000));
      if (options_.embedded) Poke(kDiskLog, area, dice_.Micros(10, 2'000));
      return;
    }
    case kDiskLog:
      return RunDiskLog();
    case kClaim:
      if (cell(area).StepClaim()) return PokeCell(area, dice_.Micros(10, 500));
      if (cell(area).claiming()) Poke(kClaim, area, dice_.Micros(1'000, 20'000));
      return;
    case kRunner:
      if (runner_->Step()) {
        Poke(kRunner, area, dice_.Micros(500, slow_views_ ? 1'000'000 : 2'000));
        if (options_.processes) Poke(kProcesses, area, dice_.Micros(500, 5'000));
      }
      return;
    case kProcesses:
      if (!options_.processes || in_processes_) return;
      if (world_.nested >= kNestedMax) return Poke(kProcesses, area, absl::Milliseconds(50));
      in_processes_ = true;
      if (processes_->Step()) Poke(kProcesses, area, dice_.Micros(500, 5'000));
      in_processes_ = false;
      return;
  }
}

void Node::Submit(Area area, engine::CommandRequest request,
                  std::function<void(engine::CommandOutcome)> done) {
  if (!hosts(area)) return done({absl::UnavailableError("not hosted here")});
  cell(area).Submit(std::move(request),
                    [node = shared_from_this(), done = std::move(done)](
                        engine::CommandOutcome outcome) {
                      // The ears of the world are closed to the dead.
                      if (!node->dead_) done(std::move(outcome));
                    });
  PokeCell(area, dice_.Micros(10, 1'000));
}

engine::CommandOutcome Node::Execute(Node& at, Area area, engine::CommandRequest request) {
  request.deadline = at.clock_.Now() + kExecuteMax;
  auto answer = std::make_shared<std::optional<engine::CommandOutcome>>();
  const size_t attempt = world_.Issued(at, area, request);
  at.Submit(area, std::move(request),
            [&world = world_, attempt, answer, node = at.shared_from_this()](
                engine::CommandOutcome outcome) {
              world.Answered(attempt, *node, outcome);
              *answer = std::move(outcome);
            });
  const absl::Time end = world_.scheduler().now() + kExecuteMax + absl::Seconds(1);
  ++world_.nested;
  while (!answer->has_value() && !dead_ && world_.scheduler().Step(end)) {
  }
  --world_.nested;
  if (answer->has_value()) return **std::move(answer);
  return {absl::DeadlineExceededError("no answer in time")};
}

engine::CommandOutcome Node::Forward(Area area, const std::string& owner,
                                     engine::CommandRequest request) {
  const std::shared_ptr<Node> at = world_.AtEndpoint(owner, options_.slot);
  if (at == nullptr) return {absl::UnavailableError("the owner does not answer")};
  PDP_MARK("process_followed_the_owner");
  return Execute(*at, area, std::move(request));
}

}  // namespace pdp::sim
