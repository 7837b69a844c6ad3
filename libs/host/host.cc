#include "libs/host/host.h"

#include <signal.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/synchronization/notification.h"
#include "libs/base/check.h"
#include "libs/base/log.h"
#include "libs/base/status_macros.h"
#include "libs/engine/cell_host.h"
#include "libs/host/admin_service.h"
#include "libs/host/forward.h"
#include "libs/host/kek.h"
#include "libs/host/late_reader.h"
#include "libs/host/query_pool.h"
#include "libs/log/kafka_log.h"
#include "libs/log/memory_log.h"
#include "libs/log/rocks_log.h"
#include "libs/privacy/key_vault.h"
#include "libs/projection/asyncapi.h"
#include "libs/projection/feed_service.h"
#include "libs/projection/kafka_events.h"
#include "libs/projection/process_runner.h"
#include "libs/projection/runner.h"
#include "libs/projection/sources.h"
#include "libs/rpc/client.h"
#include "libs/rpc/server.h"

// Longer than the house rule because the parts of a process, and their order, are one list.

namespace pdp::host {
namespace {

// One a core: a query rarely waits for the disk, and more of them at once would only wait for cores
// in turns, which lengthens the longest.
size_t QueryThreads() { return std::clamp(std::thread::hardware_concurrency(), 2u, 16u); }
constexpr size_t kQueriesWaitingMax = 1024;
// One attempt of a process's own command (interfaces, 1).
constexpr absl::Duration kAttempt = absl::Seconds(5);
constexpr absl::Duration kLeadWithin = absl::Seconds(30);
constexpr absl::Duration kKeysViewWait = absl::Seconds(30);

// Written beside and renamed, so that a reader sees all of it or nothing.
absl::Status WriteWhole(const std::string& path, const std::string& text) {
  const std::string beside = path + ".new";
  {
    std::ofstream file(beside, std::ios::trunc);
    file << text << "\n";
    if (!file.flush()) return absl::UnavailableError(absl::StrCat("cannot write ", beside));
  }
  std::error_code error;
  std::filesystem::rename(beside, path, error);
  if (error) return absl::UnavailableError(absl::StrCat("cannot write ", path));
  return absl::OkStatus();
}

absl::Status MakeFolder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return absl::UnavailableError(absl::StrCat("cannot make folder ", path));
  return absl::OkStatus();
}

std::string BinaryName(const std::string& service) {
  return absl::StrCat("pdp-", absl::StrReplaceAll(service, {{"_", "-"}}));
}

}  // namespace

class ServiceHost::Impl {
 public:
  Impl(Options options, std::shared_ptr<const engine::Domain> domain,
       projection::PublicEventMapper to_public, Clock& clock)
      : options_(std::move(options)),
        domain_(std::move(domain)),
        late_clock_(clock, absl::Hours(24) * options_.days_behind),
        clock_(options_.days_behind == 0 ? clock : late_clock_),
        peers_(options_.peers, options_.peer_dir) {
    AddProjection(std::make_unique<projection::Publisher>(std::move(to_public)));
  }
  ~Impl() { Stop(); }

  projection::RowReader& AddProjection(std::unique_ptr<projection::Projection> projection) {
    PDP_CHECK(!started_, "projections are added before the start");
    auto& reader = readers_[projection->name()];
    PDP_CHECK(reader == nullptr, "two projections of one name");
    reader = std::make_unique<LateReader>();
    projections_.push_back(std::move(projection));
    return *reader;
  }

  absl::Status Start();
  void Stop();
  void ShowReady() const;
  int PrintAsyncApi() const;
  // Calls `done` on a thread of the projections: it must be quick, and must not wait.
  void Settle(const common::v1::ReadOptions& read, absl::Time deadline,
              const std::vector<std::string>& projections,
              std::function<void(absl::Status)> done) const;

  void Submit(Area area, engine::CommandRequest request,
              std::function<void(engine::CommandOutcome)> done) const;

  const Options options_;
  const std::shared_ptr<const engine::Domain> domain_;
  // Of a rehearsal.
  LateClock late_clock_;
  Clock& clock_;
  Peers peers_;
  std::map<std::string, std::unique_ptr<LateReader>> readers_;
  std::vector<ProcessesFactory> factories_;
  // Null until the cells start.
  std::atomic<engine::CellHost*> running_cells_ = nullptr;

  // In order of construction; Stop and destruction go backwards.
  std::unique_ptr<log::EventLog> log_;
  std::unique_ptr<privacy::KeyVault> vault_;
  std::unique_ptr<view::ViewDb> views_;
  std::unique_ptr<QueryPool> pool_;
  std::unique_ptr<projection::ProjectionRunner> projections_runner_;
  std::unique_ptr<projection::MarkStore> marks_;
  projection::Pulse public_rows_;
  std::unique_ptr<projection::FeedService> feed_;
  std::unique_ptr<AdminService> admin_;
  std::vector<std::unique_ptr<grpc::Service>> services_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<engine::CellHost> cells_;
  std::unique_ptr<projection::KafkaPublisher> kafka_;
  std::unique_ptr<projection::ProcessRunner> processes_;

 private:
  absl::Status OpenStores();
  absl::Status StartProjections();
  absl::Status StartServer();
  absl::Status StartCells();
  void StartProcesses();
  // By the process at `owner`, or by the one that the peers name when it is empty. Blocking.
  engine::CommandOutcome Elsewhere(Area area, const std::string& owner,
                                   const engine::CommandRequest& request) const;
  absl::Status WritePortFiles() const;
  projection::KafkaEventsOptions KafkaEvents() const {
    projection::KafkaEventsOptions kafka;
    kafka.brokers = options_.bootstrap_servers;
    return kafka;
  }
  absl::StatusOr<std::unique_ptr<projection::EventSource>> OpenSource(
      projection::SourceRequest request);
  std::string Endpoint() const {
    if (!options_.advertise.empty()) return options_.advertise;
    return absl::StrCat(options_.listen.substr(0, options_.listen.rfind(':')), ":",
                        server_->port());
  }

  std::vector<std::unique_ptr<projection::Projection>> projections_;
  bool started_ = false;
};

absl::Status ServiceHost::Impl::OpenStores() {
  RETURN_IF_ERROR(MakeFolder(options_.data_dir));
  if (options_.log == "memory") {
    vault_ = privacy::MakeMemoryKeyVault();
    log_ = std::make_unique<log::MemoryLog>();
  } else {
    ASSIGN_OR_RETURN(const std::string kek, ReadKek(options_.kek_file));
    ASSIGN_OR_RETURN(vault_, options_.keys_dir.empty()
                                 ? privacy::OpenFileKeyVault(options_.data_dir + "/keys", kek)
                                 : privacy::OpenFileKeyVault(options_.keys_dir, kek,
                                                             privacy::VaultUse::kShared));
    if (options_.log == "kafka") {
      log::KafkaLogOptions kafka;
      kafka.brokers = options_.bootstrap_servers;
      kafka.topic = log::LogTopic(domain_->service());
      ASSIGN_OR_RETURN(log_, log::OpenKafkaLog(std::move(kafka)));
    } else {
      ASSIGN_OR_RETURN(log_, log::OpenRocksLog(options_.data_dir + "/log"));
    }
  }
  ASSIGN_OR_RETURN(views_, view::ViewDb::Open(options_.data_dir + "/views"));
  return absl::OkStatus();
}

absl::Status ServiceHost::Impl::StartProjections() {
  pool_ = std::make_unique<QueryPool>(QueryThreads(), kQueriesWaitingMax);
  marks_ = projection::MakeViewMarks(*views_);
  projection::ProjectionRunner::Options options;
  options.service = domain_->service();
  options.areas = options_.areas;
  options.clock = &clock_;
  options.upcaster = &domain_->upcaster();
  projections_runner_ = std::make_unique<projection::ProjectionRunner>(
      options, *views_, *vault_, [this] { return domain_->NewEvent(); });
  for (auto& projection : projections_) {
    LateReader& reader = *readers_.at(projection->name());
    reader.Bind(&projections_runner_->Add(std::move(projection)));
  }
  projections_.clear();
  feed_ = std::make_unique<projection::FeedService>(
      options_.areas, *readers_.at(projection::Publisher::kName), [this](Area area) {
        return projections_runner_->checkpoint(projection::Publisher::kName, area);
      });
  projections_runner_->AddListener(projection::Publisher::kName, [this](Area) {
    public_rows_.Beat();
    feed_->Wake();
  });
  return projections_runner_->Start();
}

absl::Status ServiceHost::Impl::StartServer() {
  AdminService::Parts parts;
  parts.service = domain_->service();
  parts.cells = [this] { return running_cells_.load(); };
  parts.projections = projections_runner_.get();
  parts.views = views_.get();
  parts.pool = pool_.get();
  parts.log = log_.get();
  parts.vault = vault_.get();
  parts.data_dir = options_.data_dir;
  parts.clock = &clock_;
  admin_ = std::make_unique<AdminService>(parts);
  rpc::ServerOptions options;
  options.listen = options_.listen;
  options.metrics_port = options_.metrics_port;
  options.drain_calls = absl::Seconds(options_.drain_seconds);
  server_ = std::make_unique<rpc::Server>(options, clock_);
  for (const auto& service : services_) server_->Add(service.get());
  server_->Add(feed_.get());
  server_->Add(admin_.get());
  return server_->Start();
}

absl::Status ServiceHost::Impl::StartCells() {
  engine::CellOptions options;
  options.endpoint = Endpoint();
  options.standby = options_.standby;
  options.lease = absl::Milliseconds(options_.lease_ms);
  options.failover = absl::Milliseconds(options_.failover_ms);
  // Nobody else can open the log of this machine, or of this process.
  if (options_.log != "kafka") options.lease = absl::InfiniteDuration();
  engine::Cell::Parts parts;
  parts.domain = domain_;
  parts.log = log_.get();
  parts.views = views_.get();
  parts.vault = vault_.get();
  parts.clock = &clock_;
  cells_ = std::make_unique<engine::CellHost>(options, options_.areas, parts);
  cells_->AddCommitListener([this](Area) { projections_runner_->Wake(); });
  RETURN_IF_ERROR(cells_->Start());
  running_cells_ = cells_.get();
  for (Area area : options_.areas) {
    const engine::Cell* cell = cells_->cell(area);
    server_->metrics().AddGauge(absl::StrCat("pdp_cell_seq{area=\"", area.code(), "\"}"),
                                [cell] { return static_cast<double>(cell->position().seq()); });
    server_->metrics().AddGauge(absl::StrCat("pdp_cell_queue{area=\"", area.code(), "\"}"),
                                [cell] { return static_cast<double>(cell->info().queue_length); });
  }
  if (options_.standby) return absl::OkStatus();
  const absl::Time deadline = Clock::System().Now() + kLeadWithin;
  for (Area area : options_.areas) {
    absl::Status leads = cells_->cell(area)->WaitUntilLeading(deadline);
    // A cell that has stopped leaves the others serving; an operator finds it with the admin calls.
    if (!leads.ok()) PDP_LOG(ERROR) << "cell " << area << " does not lead: " << leads.ToString();
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<projection::EventSource>> ServiceHost::Impl::OpenSource(
    projection::SourceRequest request) {
  const bool own = request.service == domain_->service();
  const bool all_here =
      std::all_of(request.after.begin(), request.after.end(), [this](const auto& at) {
        const std::optional<Area> area = Area::FromCode(at.area());
        return area && cells_->cell(*area) != nullptr;
      });
  if (own && (all_here || options_.log != "kafka")) {
    return projection::MakeLocalSource(*readers_.at(projection::Publisher::kName), public_rows_,
                                       std::move(request));
  }
  if (options_.log == "kafka") {
    return projection::OpenKafkaSource(KafkaEvents(), std::move(request));
  }
  const std::string peer = request.service;
  return projection::MakeFeedSource([this, peer] { return peers_.channel(peer); },
                                    std::move(request));
}

engine::CommandOutcome ServiceHost::Impl::Elsewhere(Area area, const std::string& owner,
                                                    const engine::CommandRequest& request) const {
  const auto channel =
      owner.empty() ? peers_.channel(domain_->service()) : rpc::MakeChannel(owner);
  if (!channel.ok()) return {channel.status()};
  return Forward(domain_->service(), *channel, area, request, kAttempt);
}

void ServiceHost::Impl::Submit(Area area, engine::CommandRequest request,
                               std::function<void(engine::CommandOutcome)> done) const {
  const auto elsewhere = [this, area, request, done](std::string owner) {
    const absl::Status queued = pool_->Run(
        [=, owner = std::move(owner)] { done(Elsewhere(area, owner, request)); });
    if (!queued.ok()) done({queued});
  };
  engine::Cell* cell = cells_->cell(area);
  if (cell == nullptr) return elsewhere("");
  cell->Submit(std::move(request), [elsewhere, done](engine::CommandOutcome outcome) {
    const std::optional<std::string> owner = engine::OwnerOf(outcome);
    if (!owner) return done(std::move(outcome));
    elsewhere(*owner);
  });
}

void ServiceHost::Impl::StartProcesses() {
  projection::ProcessRunner::Engine engine;
  engine.execute = [this](Area area, engine::CommandRequest request) {
    engine::Cell* cell = cells_->cell(area);
    if (cell == nullptr) return Elsewhere(area, "", request);
    request.deadline = clock_.Now() + kAttempt;
    return cell->Execute(std::move(request));
  };
  engine.forward = [this](Area area, const std::string& owner, engine::CommandRequest request) {
    return Elsewhere(area, owner, request);
  };
  engine.inbox = [this](Area own, const std::string& process, const std::string& service,
                        Area source) {
    return cells_->cell(own)->InboxMark(process, service, source);
  };
  engine.leads = [this](Area own) { return cells_->cell(own)->leading(); };
  projection::ProcessRunner::Options options;
  options.service = domain_->service();
  options.clock = &clock_;
  processes_ = std::make_unique<projection::ProcessRunner>(
      options, std::move(engine), *marks_,
      [this](projection::SourceRequest request) { return OpenSource(std::move(request)); });
  for (const ProcessesFactory& factory : factories_) {
    for (Area area : options_.areas) {
      for (auto& process : factory(area)) processes_->Add(area, std::move(process));
    }
  }
  processes_->Start();
}

absl::Status ServiceHost::Impl::WritePortFiles() const {
  const std::string port = absl::StrCat(server_->port());
  if (!options_.port_file.empty()) RETURN_IF_ERROR(WriteWhole(options_.port_file, port));
  if (!options_.peer_dir.empty()) {
    RETURN_IF_ERROR(MakeFolder(options_.peer_dir));
    RETURN_IF_ERROR(WriteWhole(absl::StrCat(options_.peer_dir, "/", domain_->service(), ".port"),
                               Endpoint()));
  }
  return absl::OkStatus();
}

absl::Status ServiceHost::Impl::Start() {
  PDP_CHECK(!started_, "a host starts once");
  started_ = true;
  RETURN_IF_ERROR(OpenStores());
  RETURN_IF_ERROR(StartProjections());
  RETURN_IF_ERROR(StartServer());
  RETURN_IF_ERROR(StartCells());
  if (options_.log == "kafka") {
    kafka_ = std::make_unique<projection::KafkaPublisher>(
        KafkaEvents(), domain_->service(), options_.areas,
        *readers_.at(projection::Publisher::kName), public_rows_, *marks_,
        [this](Area area) { return cells_->cell(area)->leading(); });
  }
  StartProcesses();
  return WritePortFiles();
}

// Nothing new comes in, then what runs is drained, then the stores close.
void ServiceHost::Impl::Stop() {
  processes_.reset();
  kafka_.reset();
  // Streams and waiting queries first: the server waits for every call to end.
  if (feed_ != nullptr) feed_->Stop();
  if (projections_runner_ != nullptr) projections_runner_->Stop();
  if (server_ != nullptr) server_->Stop();
  if (cells_ != nullptr) cells_->Stop();
}

void ServiceHost::Impl::ShowReady() const {
  std::vector<std::string> areas, epochs;
  for (Area area : options_.areas) {
    const engine::CellInfo info = cells_->cell(area)->info();
    areas.push_back(std::string(area.code()));
    epochs.push_back(info.state == "LEADING" ? absl::StrCat(info.position.epoch()) : info.state);
  }
  const std::string past =
      options_.days_behind == 0 ? "" : absl::StrCat(", ", options_.days_behind, " days ago");
  std::printf("%s ready on %s areas %s epoch %s%s\n", BinaryName(domain_->service()).c_str(),
              Endpoint().c_str(), absl::StrJoin(areas, ",").c_str(),
              absl::StrJoin(epochs, ",").c_str(), past.c_str());
  std::fflush(stdout);
}

int ServiceHost::Impl::PrintAsyncApi() const {
  const std::string name = absl::StrCat("pdp.", domain_->service(), ".v1.PublicEvent");
  const google::protobuf::Descriptor* type =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(name);
  if (type == nullptr) {
    std::fprintf(stderr, "no message %s in this binary\n", name.c_str());
    return 2;
  }
  std::fputs(projection::AsyncApiOf(domain_->service(), *type).c_str(), stdout);
  return 0;
}

void ServiceHost::Impl::Settle(const common::v1::ReadOptions& read, absl::Time deadline,
                               const std::vector<std::string>& projections,
                               std::function<void(absl::Status)> done) const {
  std::vector<std::string> names = projections;
  if (names.empty()) {
    for (const auto& [name, reader] : readers_) names.push_back(name);
  }
  if (names.empty()) return done(absl::OkStatus());
  // Shared by the projections waited for; the last one settles it.
  struct Gathering {
    absl::Mutex mutex;
    size_t open ABSL_GUARDED_BY(mutex);
    absl::Status status ABSL_GUARDED_BY(mutex);
  };
  auto gathering = std::make_shared<Gathering>();
  {
    absl::MutexLock lock(&gathering->mutex);
    gathering->open = names.size();
  }
  const std::vector<common::v1::Position> positions(read.min_position().begin(),
                                                    read.min_position().end());
  auto settle = [gathering, done = std::move(done)](absl::Status status) {
    absl::Status result;
    {
      absl::MutexLock lock(&gathering->mutex);
      gathering->status.Update(status);
      if (--gathering->open > 0) return;
      result = gathering->status;
    }
    done(result);
  };
  for (const std::string& name : names) {
    projections_runner_->WhenAt(name, positions, deadline, settle);
  }
}

ServiceHost::ServiceHost(Options options, std::shared_ptr<const engine::Domain> domain,
                         projection::PublicEventMapper to_public, Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(domain), std::move(to_public),
                                   clock)) {}
ServiceHost::~ServiceHost() = default;

projection::RowReader& ServiceHost::AddProjection(
    std::unique_ptr<projection::Projection> projection) {
  return impl_->AddProjection(std::move(projection));
}
void ServiceHost::AddProcess(ProcessFactory factory) {
  AddProcesses([factory = std::move(factory)](Area area) {
    std::vector<std::unique_ptr<projection::Process>> one;
    if (auto process = factory(area)) one.push_back(std::move(process));
    return one;
  });
}
void ServiceHost::AddProcesses(ProcessesFactory factory) {
  impl_->factories_.push_back(std::move(factory));
}
void ServiceHost::AddGrpcService(std::unique_ptr<grpc::Service> service) {
  impl_->services_.push_back(std::move(service));
}

int ServiceHost::Run() {
  if (impl_->options_.print_asyncapi) return impl_->PrintAsyncApi();
  // Every thread made from here on leaves these signals to sigwait.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  const absl::Status started = Start();
  if (!started.ok()) {
    std::fprintf(stderr, "%s: %s\n", BinaryName(service()).c_str(),
                 std::string(started.message()).c_str());
    Stop();
    return 2;
  }
  impl_->ShowReady();
  int signal_number = 0;
  sigwait(&signals, &signal_number);
  PDP_LOG(INFO) << "draining after signal " << signal_number;
  Stop();
  return 0;
}

absl::Status ServiceHost::Start() { return impl_->Start(); }
void ServiceHost::Stop() { impl_->Stop(); }

engine::Cell* ServiceHost::cell(Area area) const {
  const engine::CellHost* cells = impl_->running_cells_;
  return cells == nullptr ? nullptr : cells->cell(area);
}
const engine::CellReader* ServiceHost::reader(Area area) const { return cell(area); }
const std::vector<Area>& ServiceHost::areas() const { return impl_->options_.areas; }
const projection::RowReader& ServiceHost::rows(const std::string& projection_name) const {
  const auto it = impl_->readers_.find(projection_name);
  PDP_CHECK(it != impl_->readers_.end(), "rows of a projection that was not added");
  return *it->second;
}
const Peers& ServiceHost::peers() const { return impl_->peers_; }
std::shared_ptr<grpc::Channel> ServiceHost::peer(const std::string& service) const {
  return impl_->peers_.channel(service);
}
privacy::KeyVault& ServiceHost::vault() const { return *impl_->vault_; }
Clock& ServiceHost::clock() const { return impl_->clock_; }
const std::string& ServiceHost::service() const { return impl_->domain_->service(); }
int ServiceHost::port() const { return impl_->server_->port(); }

absl::StatusOr<std::string> ServiceHost::AskPeer(const std::string& service,
                                                 const std::string& method,
                                                 const google::protobuf::Message& request,
                                                 absl::Duration attempt,
                                                 google::protobuf::Message* reply) const {
  ASSIGN_OR_RETURN(const auto refusal,
                   rpc::Caller(attempt).Call(peer(service), method, request, reply));
  return refusal.has_value() ? refusal->reason : std::string();
}

absl::Status ServiceHost::DestroyKeys(Area area, const std::vector<std::string>& subjects) const {
  RETURN_IF_ERROR(CatchUp(area, kKeysViewWait));
  for (const std::string& subject : subjects) RETURN_IF_ERROR(vault().Destroy(subject));
  return absl::OkStatus();
}

void ServiceHost::Submit(Area area, engine::CommandRequest request,
                         std::function<void(engine::CommandOutcome)> done) const {
  impl_->Submit(area, std::move(request), std::move(done));
}
absl::Status ServiceHost::WaitFor(const common::v1::ReadOptions& options, absl::Time deadline,
                                  const std::vector<std::string>& projections) const {
  if (options.min_position().empty()) return absl::OkStatus();
  absl::Notification settled;
  absl::Status result;
  // Not over the query threads: whoever waits here may hold the last of them (a query that must
  // see its own writes, a submission that reads facts of NAT).
  impl_->Settle(options, deadline, projections, [&](absl::Status status) {
    result = std::move(status);
    settled.Notify();
  });
  settled.WaitForNotification();
  return result;
}
void ServiceHost::WhenAt(const common::v1::ReadOptions& options, absl::Time deadline,
                         const std::vector<std::string>& projections,
                         std::function<void(absl::Status)> done) const {
  impl_->Settle(options, deadline, projections,
                [impl = impl_.get(), done = std::move(done)](absl::Status status) {
                  absl::Status taken = impl->pool_->Run([done, status] { done(status); });
                  if (!taken.ok()) done(taken);
                });
}
absl::Status ServiceHost::RunQuery(std::function<void()> work) const {
  return impl_->pool_->Run(std::move(work));
}

}  // namespace pdp::host
