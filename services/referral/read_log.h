#ifndef PDP_SERVICES_REFERRAL_READ_LOG_H_
#define PDP_SERVICES_REFERRAL_READ_LOG_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "grpcpp/grpcpp.h"
#include "libs/host/host.h"
#include "libs/rpc/status.h"
#include "pdp/referral/v1/commands.pb.h"

namespace pdp::referral {

// The log of reads of persons under limited access (REF-91). An answer that shows such a person is
// sent once who read what stands in the log of the cell that answered (RecordAccess on
// access_log/{area}): never unlogged, whatever fails. It waits for one append, which others share;
// an answer that shows nobody of limited access waits for nothing. When the cell cannot append (the
// log is down, another process owns it), such an answer is not given: Unavailable.
//
// Not logged: the platform itself (SYS), which shows nobody anything, and offer sheets without an
// acceptance, which name nobody (REF-61).

// What a query reads: one record, named by its request, or rows.
enum class Reads { kRecord, kList };

// The persons under limited access that an answer shows, by the CRNs and referral ids in it (and in
// the request, for kRecord); empty when it shows none. `where`: the cell whose rows it read.
std::vector<v1::RecordAccess::Person> LimitedPersons(const host::ServiceHost& host, Area where,
                                                     const google::protobuf::Message& request,
                                                     const google::protobuf::Message& reply,
                                                     Reads reads);

// Appends the read, then calls `done` on a thread of the cell.
void LogRead(const host::ServiceHost& host, Area where, const char* query,
             const common::v1::Actor& actor, std::vector<v1::RecordAccess::Person> persons,
             absl::Time deadline, std::function<void(grpc::Status)> done);

// The hosted cell of a request's area, else NAT.
Area CellOf(const host::ServiceHost& host, const std::string& area);

// host::Query with the log in front of the answer. `query` is the name of the method.
template <typename Request, typename Reply, typename Answer>
grpc::ServerUnaryReactor* LoggedQuery(const host::ServiceHost& host,
                                      grpc::CallbackServerContext* context, const char* query,
                                      Reads reads, Area where, const Request& request, Reply* reply,
                                      std::vector<std::string> projections, Answer answer) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const absl::Time deadline = absl::FromChrono(context->deadline());
  host.WhenAt(request.read(), deadline, projections,
              [=, &host, &request, answer = std::move(answer)](absl::Status status) mutable {
                if (!status.ok()) return reactor->Finish(rpc::ToStatus(status));
                const grpc::Status answered = answer();
                if (!answered.ok()) return reactor->Finish(answered);
                auto persons = LimitedPersons(host, where, request, *reply, reads);
                if (persons.empty()) return reactor->Finish(answered);
                LogRead(host, where, query, request.actor(), std::move(persons), deadline,
                        [reactor, reply](grpc::Status logged) {
                          if (!logged.ok()) reply->Clear();
                          reactor->Finish(std::move(logged));
                        });
              });
  return reactor;
}

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_READ_LOG_H_
