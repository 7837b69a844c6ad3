#include "services/referral/subject_bundle.h"

#include <deque>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "libs/base/deterministic_bytes.h"
#include "libs/base/hash.h"
#include "libs/base/sha256_stream.h"
#include "libs/base/status_macros.h"
#include "libs/engine/cell.h"
#include "libs/rpc/execute.h"
#include "services/referral/domain/access.h"
#include "services/referral/domain/subject_request.h"
#include "services/referral/query_access.h"
#include "services/referral/read_log.h"
#include "services/referral/service_queries.h"
#include "services/referral/subject_reader.h"
#include "services/referral/submission.h"

namespace pdp::referral {
namespace {

constexpr absl::Duration kCommandMax = absl::Seconds(30);

common::v1::CommandHeader SystemHeader(const std::string& id) {
  common::v1::CommandHeader header;
  header.set_command_id(std::string(DerivedCommandId(id, "bundle").bytes()));
  header.mutable_actor()->set_id(kServiceName);
  header.mutable_actor()->add_roles("SYS");
  return header;
}

grpc::Status Refused(const decider::Rejected& rejected) {
  return rpc::ToStatus(rejected, kServiceName);
}

// The request that a bundle may be made for.
grpc::Status ReadRequest(const host::ServiceHost& host, const NatReader& nat,
                         const std::string& request_id, const common::v1::Actor& actor,
                         v1::SubjectRequest* found) {
  const AggregateId id = SubjectRequestId(request_id);
  const engine::Cell* cell = host.cell(Area::Nat());
  if (cell == nullptr) return rpc::CellNotHosted(kServiceName, Area::Nat());
  const auto read = cell->ReadState(id);
  if (!read.ok()) return Failed(read.status(), id);
  *found = static_cast<const v1::State&>(*read->state).subject_request();
  const auto person = nat.Person(found->crn());
  if (!person.ok()) return Failed(person.status(), id);
  if (!MaySee(person->person().access(), actor)) return Unseen(id);
  if (!HasRole(actor, "DP")) return Refused(decider::NotAuthorised("DP"));
  return grpc::Status::OK;
}

grpc::Status CheckReady(const v1::SubjectRequest& request) {
  if (request.kind() == v1::ACCESS && request.status() == v1::RECEIVED) {
    return Refused(decider::Reject("IDENTITY_NOT_CONFIRMED"));
  }
  const bool fits = request.kind() == v1::ACCESS &&
                    (request.status() == v1::IDENTIFIED || request.status() == v1::READY ||
                     request.status() == v1::RELEASED);
  if (fits) return grpc::Status::OK;
  return Refused(
      decider::StateForbidsCommand(v1::SubjectRequestStatus_Name(request.status())));
}

struct Bundle {
  std::vector<v1::BundleSection> sections;
  v1::BundleEnd end;
};

absl::StatusOr<Bundle> Build(const host::ServiceHost& host, const NatReader& nat,
                             const std::string& crn, SubjectReader::Positions positions) {
  const SubjectReader reader(host, nat);
  Bundle bundle;
  // Everything else is read at or after this point.
  uint64_t& nat_seq = positions["NAT"];
  if (nat_seq == 0) nat_seq = host.cell(Area::Nat())->position().seq();
  ASSIGN_OR_RETURN(const std::vector<std::string> family, reader.FamilyAt(crn, nat_seq));
  ASSIGN_OR_RETURN(bundle.sections, reader.NatSections(family, nat_seq));
  ASSIGN_OR_RETURN(auto areas, reader.Areas(family, positions, false));
  for (auto& [code, reply] : areas) {
    v1::BundlePosition* at = bundle.end.add_positions();
    at->set_area(code);
    at->set_seq(reply.seq());
    for (v1::BundleSection& section : *reply.mutable_sections()) {
      bundle.sections.push_back(std::move(section));
    }
  }
  v1::BundlePosition* at = bundle.end.add_positions();
  at->set_area("NAT");
  at->set_seq(nat_seq);
  bundle.end.set_crn(family.front());
  for (size_t i = 1; i < family.size(); ++i) bundle.end.add_aliases(family[i]);
  bundle.end.set_sections(static_cast<int>(bundle.sections.size()));
  std::string digests;
  for (const v1::BundleSection& section : bundle.sections) {
    absl::StrAppend(&digests, Sha256(DeterministicBytes(section)).view());
  }
  bundle.end.set_bundle_hash(Sha256(digests).hex());
  return bundle;
}

class BundleStream final : public grpc::ServerWriteReactor<v1::SubjectBundlePart> {
 public:
  BundleStream(const host::ServiceHost& host, const NatReader& nat,
               const v1::SubjectBundleRequest& request)
      : host_(host), nat_(nat), request_(request) {
    const absl::Status taken = host.RunQuery([this] {
      const grpc::Status status = Prepare();
      if (!status.ok()) return Finish(status);
      LogThenSend();
    });
    if (!taken.ok()) Finish(rpc::ToStatus(taken, kServiceName));
  }

  void OnWriteDone(bool ok) override { ok ? Next() : Finish(grpc::Status::CANCELLED); }
  void OnDone() override { delete this; }

 private:
  grpc::Status Prepare() {
    v1::SubjectRequest known;
    grpc::Status status =
        ReadRequest(host_, nat_, request_.request_id(), request_.actor(), &known);
    if (status.ok()) status = CheckReady(known);
    if (!status.ok()) return status;
    SubjectReader::Positions positions;
    const bool released = known.status() == v1::RELEASED;
    for (const v1::BundlePosition& at :
         request_.positions().empty() && released ? known.bundle_positions()
                                                  : request_.positions()) {
      positions[at.area()] = at.seq();
    }
    auto bundle = Build(host_, nat_, known.crn(), std::move(positions));
    if (!bundle.ok()) return Failed(bundle.status(), PersonId(known.crn()));
    bundle_ = *std::move(bundle);
    if (!released) {
      status = Record();
      if (!status.ok()) return status;
    }
    for (v1::BundleSection& section : bundle_.sections) {
      *parts_.emplace_back().mutable_section() = std::move(section);
    }
    *parts_.emplace_back().mutable_end() = bundle_.end;
    return grpc::Status::OK;
  }

  grpc::Status Record() {
    engine::CommandRequest command;
    command.header =
        SystemHeader(absl::StrCat(request_.request_id(), "/", bundle_.end.bundle_hash()));
    auto body = std::make_shared<v1::Command>();
    body->mutable_record_bundle()->set_request_id(request_.request_id());
    body->mutable_record_bundle()->set_bundle_hash(bundle_.end.bundle_hash());
    *body->mutable_record_bundle()->mutable_positions() = bundle_.end.positions();
    command.command = std::move(body);
    command.deadline = host_.clock().Now() + kCommandMax;
    v1::ExecuteReply ignored;
    return rpc::FinishExecute(kServiceName, host_.cell(Area::Nat())->Execute(std::move(command)),
                              &ignored);
  }

  // REF-91, as with every other read.
  void LogThenSend() {
    v1::GetPersonReply person;
    if (auto read = nat_.Person(bundle_.end.crn()); read.ok()) person = *std::move(read);
    auto persons = LimitedPersons(host_, Area::Nat(), request_, person, Reads::kList);
    if (persons.empty()) return Next();
    LogRead(host_, Area::Nat(), "SubjectBundle", request_.actor(), std::move(persons),
            absl::InfiniteFuture(), [this](grpc::Status logged) {
              if (!logged.ok()) return Finish(std::move(logged));
              Next();
            });
  }

  void Next() {
    if (parts_.empty()) return Finish(grpc::Status::OK);
    sent_ = std::move(parts_.front());
    parts_.pop_front();
    StartWrite(&sent_);
  }

  const host::ServiceHost& host_;
  const NatReader& nat_;
  const v1::SubjectBundleRequest request_;
  Bundle bundle_;
  std::deque<v1::SubjectBundlePart> parts_;
  v1::SubjectBundlePart sent_;
};

}  // namespace

grpc::ServerWriteReactor<v1::SubjectBundlePart>* StartBundle(
    const host::ServiceHost& host, const NatReader& nat, const v1::SubjectBundleRequest& request) {
  return new BundleStream(host, nat, request);
}

grpc::Status ReadSubjectRequest(const host::ServiceHost& host, const NatReader& nat,
                                const v1::GetSubjectRequestRequest& request,
                                v1::GetSubjectRequestReply* reply) {
  grpc::Status status =
      ReadRequest(host, nat, request.request_id(), request.actor(), reply->mutable_request());
  if (!status.ok()) {
    reply->Clear();
    return status;
  }
  const auto read = host.cell(Area::Nat())->ReadState(SubjectRequestId(request.request_id()));
  if (read.ok()) reply->set_version(read->version.value());
  return grpc::Status::OK;
}

grpc::Status ReadAreaSubject(const host::ServiceHost& host, const v1::AreaSubjectRequest& request,
                             v1::AreaSubjectReply* reply) {
  if (!HasRole(request.actor(), "SYS")) {
    return Refused(decider::NotAuthorised("another cell of the service"));
  }
  RequestCheck check(host, request);
  Area area;
  if (auto status = check.Finish(&area); !status.ok()) return status;
  auto read = ReadArea(host, area, {request.crns().begin(), request.crns().end()}, request.seq(),
                       request.facts_only());
  if (!read.ok()) return rpc::ToStatus(read.status(), kServiceName);
  *reply = *std::move(read);
  return grpc::Status::OK;
}

grpc::ServerUnaryReactor* StartErasureApproval(const host::ServiceHost& host, const NatReader& nat,
                                               grpc::CallbackServerContext* context,
                                               const v1::ExecuteRequest* request,
                                               v1::ExecuteReply* reply) {
  return ExecuteWithFacts(
      host, context, request, reply,
      [](v1::Command& command) { command.mutable_approve_erasure()->clear_facts(); },
      [&host, &nat](Area area, v1::Command& command) -> absl::Status {
        v1::ApproveErasure* approve = command.mutable_approve_erasure();
        const auto known = host.cell(area)->ReadState(SubjectRequestId(approve->request_id()));
        // Not known: the decision says so.
        if (!known.ok() || !area.is_nat()) return absl::OkStatus();
        const auto& state = static_cast<const v1::State&>(*known->state);
        const SubjectReader reader(host, nat);
        ASSIGN_OR_RETURN(const auto family,
                         reader.FamilyAt(state.subject_request().crn(), 0));
        ASSIGN_OR_RETURN(const auto areas, reader.Areas(family, {}, true));
        for (const auto& [code, facts] : areas) {
          approve->mutable_facts()->add_areas(code);
          approve->mutable_facts()->mutable_referrals()->MergeFrom(facts.referrals());
        }
        return absl::OkStatus();
      });
}

}  // namespace pdp::referral
