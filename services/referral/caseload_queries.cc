#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/engine/cell.h"
#include "libs/engine/past.h"
#include "libs/rpc/shape.h"
#include "services/referral/caseload_check.h"
#include "services/referral/projections/cases.h"
#include "services/referral/projections/people.h"
#include "services/referral/projections/sentences.h"
#include "services/referral/protected.h"
#include "services/referral/query_access.h"
#include "services/referral/service_queries.h"

// The caseload of an area as lines that import again to the same.

namespace pdp::referral {
namespace {

constexpr size_t kReferralsMax = 200;

// When and why a requirement ended is not in the record as it now is: read from its past. What
// ended with the sentence ends with it again.
absl::Status AddRequirementEnds(const engine::Cell& nat, const v1::Sentence& sentence,
                                v1::CaseloadLine* line) {
  bool any = false;
  for (const v1::Requirement& requirement : sentence.requirements()) {
    any = any || requirement.status() != v1::REQUIREMENT_LIVE;
  }
  if (!any) return absl::OkStatus();
  const AggregateId id = SentenceId(SentenceKey(sentence.crn(), sentence.event_no()));
  return nat.past().ForEach(id, [&](const engine::Past::Step& step) {
    const auto& event = static_cast<const v1::Event&>(step.event);
    if (!event.has_requirement_ended()) return true;
    for (const log::v1::RecordedEvent& other : step.commit.events()) {
      if (other.type() == "SentenceEnded") return true;
    }
    v1::EndRequirement* end = line->add_requirement_ends();
    end->set_event_no(sentence.event_no());
    end->set_no(event.requirement_ended().no());
    end->set_cause(event.requirement_ended().cause());
    end->set_on(event.requirement_ended().on());
    return true;
  });
}

// Takes apart what it gives.
absl::Status AddSentence(const engine::Cell& nat, v1::Sentence& sentence, v1::CaseloadLine* line) {
  v1::RegisterSentence* given = line->add_sentences();
  given->set_event_no(sentence.event_no());
  given->set_order_type(sentence.order_type());
  given->set_sentenced_on(sentence.sentenced_on());
  given->set_end_on(sentence.end_on());
  given->set_open_ended(sentence.open_ended());
  given->set_court(sentence.court());
  given->set_area(sentence.area());
  RETURN_IF_ERROR(AddRequirementEnds(nat, sentence, line));
  given->mutable_offences()->Swap(sentence.mutable_offences());
  given->mutable_requirements()->Swap(sentence.mutable_requirements());
  for (v1::Requirement& requirement : *given->mutable_requirements()) {
    // Derived again (REF-20).
    requirement.clear_status();
    requirement.clear_quarantined();
  }
  if (sentence.status() != v1::SENTENCE_ENDED) return absl::OkStatus();
  v1::EndSentence* end = line->add_sentence_ends();
  end->set_event_no(sentence.event_no());
  end->set_cause(sentence.ended_cause());
  end->set_on(sentence.ended_on());
  return absl::OkStatus();
}

absl::Status AddSentences(const host::ServiceHost& host, const engine::Cell& nat,
                          const std::string& crn, v1::CaseloadLine* line) {
  ASSIGN_OR_RETURN(const std::vector<std::string> keys,
                   SentenceKeysOf(host.rows(Sentences::kName), crn));
  for (const std::string& key : keys) {
    ASSIGN_OR_RETURN(const engine::Cell::ReadResult read, nat.ReadState(SentenceId(key)));
    v1::State& state = static_cast<v1::State&>(*read.state);
    RETURN_IF_ERROR(AddSentence(nat, *state.mutable_sentence(), line));
  }
  return absl::OkStatus();
}

// Forms not yet submitted: what was decided since is history, not a caseload to begin with.
absl::Status AddReferrals(const host::ServiceHost& host, Area area, const std::string& crn,
                          v1::CaseloadLine* line) {
  const projection::RowReader& cases = host.rows(Cases::kName);
  ASSIGN_OR_RETURN(const std::vector<std::string> ids,
                   ReferralIdsOf(cases, area, crn, kReferralsMax));
  v1::CaseRow row;
  for (const std::string& id : ids) {
    // The row tells which those are without opening what is sealed.
    ASSIGN_OR_RETURN(const bool known, cases.Get(area, Cases::RowKey(id), &row));
    if (!known || row.state() != v1::DRAFT || row.origin() != "FORM") continue;
    const auto read = host.cell(area)->ReadState(ReferralId(id));
    if (!read.ok()) return read.status();
    const v1::Referral& referral = static_cast<const v1::State&>(*read->state).referral();
    if (referral.state() != v1::DRAFT || referral.origin() != "FORM") continue;
    v1::OpenReferral* open = line->add_referrals();
    open->set_line(referral.line());
    open->set_need(referral.need());
    open->set_category(referral.category());
    open->set_sentence_key(referral.sentence_key());
    open->set_requirement_key(referral.requirement_key());
    open->set_pdu(referral.pdu());
  }
  return absl::OkStatus();
}

// False: there is nobody to export (erased).
absl::StatusOr<bool> FillLine(const host::ServiceHost& host, Area area, const std::string& crn,
                              v1::CaseloadLine* line) {
  const engine::Cell& nat = *host.cell(Area::Nat());
  ASSIGN_OR_RETURN(const engine::Cell::ReadResult read, nat.ReadState(PersonId(crn)));
  if (read.erased) return false;
  // The state is this call's own: its parts are moved into the line.
  v1::Person& person = *static_cast<v1::State&>(*read.state).mutable_person();
  line->mutable_person()->set_crn(crn);
  *line->mutable_person()->mutable_identity() = std::move(*person.mutable_identity());
  line->mutable_person()->set_home_area(person.home_area());
  line->mutable_person()->set_pdu(person.pdu());
  if (person.has_needs()) *line->mutable_needs() = std::move(*person.mutable_needs());
  if (person.has_risk()) *line->mutable_risk() = std::move(*person.mutable_risk());
  if (person.has_responsible_officer()) {
    *line->mutable_responsible_officer() = std::move(*person.mutable_responsible_officer());
  }
  const v1::Location& location = person.location();
  const bool elsewhere = location.kind() == "CUSTODY" || !location.establishment().empty() ||
                         !location.release_on().empty();
  if (elsewhere) *line->mutable_location() = location;
  if (person.access().ByteSizeLong() > 0) {
    *line->mutable_access() = std::move(*person.mutable_access());
  }
  line->set_died_on(person.died_on());
  RETURN_IF_ERROR(AddSentences(host, nat, crn, line));
  if (host.cell(area) != nullptr) RETURN_IF_ERROR(AddReferrals(host, area, crn, line));
  return true;
}

}  // namespace

grpc::Status ReadExport(const host::ServiceHost& host, const v1::ExportCaseloadRequest& request,
                        v1::ExportCaseloadReply* reply) {
  RequestCheck check(host, request);
  // People are kept in NAT, whatever their area.
  if (auto status = check.FinishIn(Area::Nat()); !status.ok()) return status;
  const Area area = *Area::FromCode(request.area());
  const Audience audience(host, Area::Nat(), request.actor());
  // A caseload is the authority's own (REF-92).
  if (!audience.official()) return grpc::Status::OK;
  reply->set_without_referrals(host.cell(area) == nullptr);
  absl::Status failed;
  const grpc::Status status = FillPage<v1::IndexedPerson>(
      host, request,
      {host.rows(People::kName), Area::Nat(), People::AreaPrefix(request.area()), check.place(),
       ""},
      reply,
      [&](const v1::IndexedPerson& row) {
        return failed.ok() && audience.MaySeePerson(row.crn());
      },
      [&](const v1::IndexedPerson& row, bool) {
        v1::CaseloadLine line;
        const auto filled = FillLine(host, area, row.crn(), &line);
        failed.Update(filled.status());
        if (!filled.ok() || !*filled) return false;
        if (!MayReadProtected(request.actor())) {
          HideProtected(line.mutable_person()->mutable_identity());
        }
        *reply->add_lines() = std::move(line);
        return true;
      });
  return failed.ok() ? status : rpc::ToStatus(failed, kServiceName);
}

grpc::Status ReadCaseloadCheck(const host::ServiceHost& host,
                               const v1::CheckCaseloadRequest& request,
                               v1::CheckCaseloadReply* reply) {
  // What does not even fit the message is a fault of the line like any other.
  for (const decider::Violation& violation : rpc::FindBadShape(request)) {
    v1::CaseloadFault* fault = reply->add_faults();
    fault->set_code(violation.code);
    fault->set_field(violation.field);
    fault->set_detail(violation.detail);
  }
  if (reply->faults_size() > 0) return grpc::Status::OK;
  for (v1::CaseloadFault& fault :
       CheckLine(request.line(), request.actor(), request.area(), host.clock().Now())) {
    *reply->add_faults() = std::move(fault);
  }
  return grpc::Status::OK;
}

}  // namespace pdp::referral
