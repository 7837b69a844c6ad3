#ifndef PDP_LIBS_HOST_HOST_H_
#define PDP_LIBS_HOST_HOST_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "grpcpp/grpcpp.h"
#include "libs/base/area.h"
#include "libs/base/clock.h"
#include "libs/engine/command.h"
#include "libs/host/options.h"
#include "libs/host/peers.h"
#include "libs/projection/process.h"
#include "libs/projection/projection.h"
#include "libs/projection/publisher.h"
#include "libs/projection/surroundings.h"
#include "pdp/common/v1/common.pb.h"

namespace pdp::engine {
class Cell;
class Domain;
}  // namespace pdp::engine
namespace pdp::privacy {
class KeyVault;
}

namespace pdp::host {

// A service process: log, keys, cells, projections, public events, processes and servers, wired
// from options. A service's main.cc is a list of what is its own:
//
//   int main(int argc, char** argv) {
//     host::ServiceHost h(host::ParseFlags(argc, argv), engine::MakeDomain<referral::Referral>(),
//                         referral::ToPublic);
//     h.AddProjection(std::make_unique<referral::CaseList>());
//     h.AddProcesses([&](Area area) { return referral::MakeProcesses(area, h); });
//     h.AddGrpcService(std::make_unique<referral::ReferralServiceImpl>(h));
//     return h.Run();
//   }
//
// Add* before Run or Start; accessors from any thread while it runs. The host owns what it is
// given.
class ServiceHost final : public projection::Surroundings {
 public:
  using ProcessFactory = std::function<std::unique_ptr<projection::Process>(Area area)>;
  using ProcessesFactory =
      std::function<std::vector<std::unique_ptr<projection::Process>>(Area area)>;

  ServiceHost(Options options, std::shared_ptr<const engine::Domain> domain,
              projection::PublicEventMapper to_public, Clock& clock = Clock::System());
  ~ServiceHost() override;
  ServiceHost(const ServiceHost&) = delete;
  ServiceHost& operator=(const ServiceHost&) = delete;

  // The reader may be kept; it answers FailedPrecondition until the host has started.
  projection::RowReader& AddProjection(std::unique_ptr<projection::Projection> projection);
  // One process object for each hosted area; null from the factory: none for that area.
  void AddProcess(ProcessFactory factory);
  void AddProcesses(ProcessesFactory factory);
  void AddGrpcService(std::unique_ptr<grpc::Service> service);

  // Starts, prints one line when ready, serves until SIGTERM or SIGINT, drains. Returns the exit
  // code: 0, or 2 after one line on standard error when it could not start.
  int Run();
  // The parts of Run, for tests.
  absl::Status Start();
  void Stop();

  // The cell of an area hosted here; null otherwise.
  engine::Cell* cell(Area area) const;
  const engine::CellReader* reader(Area area) const override;
  const std::vector<Area>& areas() const;
  const projection::RowReader& rows(const std::string& projection_name) const override;
  const Peers& peers() const;
  std::shared_ptr<grpc::Channel> peer(const std::string& service) const;
  privacy::KeyVault& vault() const;
  Clock& clock() const override;
  const std::string& service() const override;
  int port() const;

  // To the cell when it is led here, else to the process of this service that leads it; one
  // attempt. `done` runs on the cell's thread or on a query thread, and must not block.
  void Submit(Area area, engine::CommandRequest request,
              std::function<void(engine::CommandOutcome)> done) const;
  // Blocking; not for callback threads.
  absl::Status WaitFor(const common::v1::ReadOptions& options, absl::Time deadline,
                       const std::vector<std::string>& projections = {}) const override;
  absl::Status DestroyKeys(Area area, const std::vector<std::string>& subjects) const override;
  // WaitFor without blocking; `done` runs on one of the host's query threads, so it may read rows.
  // DeadlineExceeded, or ResourceExhausted when too many queries wait.
  void WhenAt(const common::v1::ReadOptions& options, absl::Time deadline,
              const std::vector<std::string>& projections,
              std::function<void(absl::Status)> done) const;
  // Runs `work` on a query thread. ResourceExhausted (inline) when the queue is full.
  absl::Status RunQuery(std::function<void()> work) const;

 private:
  absl::StatusOr<std::string> AskPeer(const std::string& service, const std::string& method,
                                      const google::protobuf::Message& request,
                                      absl::Duration attempt,
                                      google::protobuf::Message* reply) const override;

  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pdp::host

#endif  // PDP_LIBS_HOST_HOST_H_
