#include "services/referral/service_queries.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "libs/base/calendar.h"
#include "libs/engine/cell.h"
#include "libs/rpc/execute.h"
#include "libs/rpc/status.h"
#include "services/referral/domain/access.h"
#include "services/referral/domain/domain.h"
#include "services/referral/projections/cases.h"

namespace pdp::referral {
namespace {

constexpr char kService[] = "referral";
constexpr int kPageDefault = 50;
constexpr int kPageMax = 200;
// Rows looked at for one page; a page that a narrow filter leaves short has a token to go on.
constexpr size_t kScanMax = 5'000;

bool HasRole(const common::v1::Actor& actor, absl::string_view role) {
  return std::find(actor.roles().begin(), actor.roles().end(), std::string(role)) !=
         actor.roles().end();
}
bool IsProvider(const common::v1::Actor& actor) {
  return (HasRole(actor, "PV") || HasRole(actor, "CW")) && !HasRole(actor, "SYS");
}
// Somebody of the authority, or the platform itself.
bool IsOfficial(const common::v1::Actor& actor) {
  for (const char* role : {"RO", "AA", "AM", "CF", "DP", "AU", "SYS"}) {
    if (HasRole(actor, role)) return true;
  }
  return false;
}

grpc::Status Unseen(const AggregateId& id) {
  return rpc::ToStatus(decider::NotFound(id), kService);
}
grpc::Status Failed(const absl::Status& status, const AggregateId& id) {
  return status.code() == absl::StatusCode::kNotFound ? Unseen(id)
                                                      : rpc::ToStatus(status, kService);
}

int PageSize(const common::v1::PageRequest& page) {
  return page.page_size() <= 0 ? kPageDefault : std::min(page.page_size(), kPageMax);
}
// The token is the key of the last row: bound to the order of the list.
std::string AfterKey(const common::v1::PageRequest& page) {
  std::string key;
  return absl::WebSafeBase64Unescape(page.page_token(), &key) ? key : "";
}
std::string TokenOf(absl::string_view key) { return absl::WebSafeBase64Escape(key); }

struct Found {
  v1::Referral referral;
  Version version;
  bool erased = false;
};

absl::StatusOr<Found> Load(const host::ServiceHost& host, const std::string& area_code,
                           const std::string& referral_id) {
  const std::optional<Area> area = Area::FromCode(area_code);
  const engine::Cell* cell = area ? host.cell(*area) : nullptr;
  if (cell == nullptr) return absl::UnavailableError("this process does not serve that area");
  auto read = cell->ReadState(ReferralId(referral_id));
  if (!read.ok()) return read.status();
  return Found{static_cast<const v1::State&>(*read->state).referral(), read->version, read->erased};
}

// REF-90 by the area's copy: what lists are filtered by, before paging.
bool MaySeePerson(const host::ServiceHost& host, Area area, const std::string& crn,
                  const common::v1::Actor& actor) {
  const engine::Cell* cell = host.cell(area);
  if (cell == nullptr) return false;
  const auto read = cell->ReadState(AccessId(crn));
  if (read.status().code() == absl::StatusCode::kNotFound) return true;
  return read.ok() &&
         MaySee(static_cast<const v1::State&>(*read->state).access().lists(), actor);
}

// By id, at once: NAT's own lists as well as the copy (REF-91).
bool MaySeeReferral(const host::ServiceHost& host, const NatReader& nat,
                    const v1::Referral& referral, const common::v1::Actor& actor) {
  const std::optional<Area> area = Area::FromCode(referral.area());
  if (!area || !MaySeePerson(host, *area, referral.origin_crn(), actor)) return false;
  const auto person = nat.Person(referral.origin_crn());
  return !person.ok() || MaySee(person->person().access(), actor);
}

bool Holds(const common::v1::Actor& actor, const v1::Referral& referral) {
  return !actor.organisation().empty() && actor.organisation() == referral.holder_org();
}

v1::OfferSheet SheetOf(const v1::Referral& referral, const v1::Round& offer) {
  v1::OfferSheet sheet;
  sheet.set_referral_id(referral.id());
  sheet.set_reference(referral.reference());
  sheet.set_pdu(referral.pdu());
  sheet.set_route(referral.decision().route());
  sheet.set_stratum(referral.difficulty().stratum());
  *sheet.mutable_tokens() = referral.tokens();
  if (const auto day = ParseDate(offer.respond_on()))
    sheet.set_earliest_start(FormatDate(*day + 1));
  sheet.set_respond_on(offer.respond_on());
  sheet.set_round(offer.round());
  sheet.set_last_resort(offer.last_resort());
  *sheet.mutable_expires_at() = offer.expires_at();
  sheet.set_org(offer.org());
  return sheet;
}

void FillReferral(const Found& found, v1::GetReferralReply* reply) {
  const v1::Referral& r = found.referral;
  reply->set_referral_id(r.id());
  reply->set_reference(r.reference());
  reply->set_round(r.rounds().empty() ? 0 : r.rounds().rbegin()->round());
  reply->set_crn(r.origin_crn());
  reply->set_version(found.version.value());
  reply->set_erased(found.erased);
  reply->set_area(r.area());
  reply->set_pdu(r.pdu());
  reply->set_line(r.line());
  reply->set_need(r.need());
  reply->set_route(r.decision().route());
  reply->set_version_ref(r.decision().version_ref());
  reply->set_state(r.state());
  *reply->mutable_decision() = r.decision();
  *reply->mutable_tokens() = r.tokens();
  *reply->mutable_flags() = r.decision().flags();
  reply->set_stratum(r.difficulty().stratum());
  reply->set_instrument(r.difficulty().instrument());
  reply->set_holder_org(r.holder_org());
  reply->set_submitted_on(r.submitted_on());
  reply->set_accepted_on(r.accepted_on());
  *reply->mutable_snapshot() = r.sections();
  reply->set_sentence_key(r.sentence_key());
  reply->set_requirement_key(r.requirement_key());
  *reply->mutable_caseworkers() = r.caseworkers();
  *reply->mutable_clocks() = r.clocks();
  *reply->mutable_rounds() = r.rounds();
  *reply->mutable_delivery() = r.delivery();
  *reply->mutable_ended() = r.ended();
}

absl::Status FillNat(const NatReader& nat, v1::GetReferralReply* reply) {
  auto person = nat.Person(reply->crn());
  if (!person.ok()) return person.status();
  reply->set_person_version(person->version());
  *reply->mutable_responsible_officer() = person->person().responsible_officer();
  *reply->mutable_person() = std::move(*person->mutable_person());
  auto sentence = nat.Sentence(reply->sentence_key());
  if (!sentence.ok()) return sentence.status();
  reply->set_sentence_version(sentence->version());
  for (const v1::Requirement& requirement : sentence->sentence().requirements()) {
    if (requirement.no() == RequirementNo(reply->requirement_key())) {
      *reply->mutable_requirement() = requirement;
    }
  }
  *reply->mutable_sentence() = std::move(*sentence->mutable_sentence());
  return absl::OkStatus();
}

bool Matches(const v1::CaseListRequest& request, const v1::CaseRow& row) {
  const auto& states = request.states();
  if (!states.empty() && std::find(states.begin(), states.end(), row.state()) == states.end()) {
    return false;
  }
  const auto equal = [](const std::string& wanted, const std::string& has) {
    return wanted.empty() || wanted == has;
  };
  if (!equal(request.line(), row.line()) || !equal(request.route(), row.route()) ||
      !equal(request.org(), row.org()) || !equal(request.pdu(), row.pdu()) ||
      !equal(request.clock(), row.clock()) || (request.breached_only() && !row.breached())) {
    return false;
  }
  if (!request.token().empty() && std::find(row.tokens().begin(), row.tokens().end(),
                                            request.token()) == row.tokens().end()) {
    return false;
  }
  if (request.caseworker().empty()) return true;
  return std::any_of(row.caseworkers().begin(), row.caseworkers().end(),
                     [&](const v1::Caseworker& c) { return c.id() == request.caseworker(); });
}

}  // namespace

grpc::Status ReadPerson(const host::ServiceHost& host, const NatReader& nat,
                        const v1::GetPersonRequest& request, v1::GetPersonReply* reply) {
  const AggregateId id = PersonId(request.crn());
  // A provider reads a person through the referral it holds (GetReferral).
  if (!IsOfficial(request.actor())) return Unseen(id);
  if (host.cell(Area::Nat()) == nullptr) return rpc::CellNotHosted(kService, Area::Nat());
  auto person = nat.Person(request.crn());
  if (!person.ok()) return Failed(person.status(), id);
  if (!MaySee(person->person().access(), request.actor())) return Unseen(id);
  *reply = *std::move(person);
  return grpc::Status::OK;
}

grpc::Status ReadSentence(const host::ServiceHost& host, const NatReader& nat,
                          const v1::GetSentenceRequest& request, v1::GetSentenceReply* reply) {
  const AggregateId id = SentenceId(request.sentence_key());
  if (!IsOfficial(request.actor())) return Unseen(id);
  if (host.cell(Area::Nat()) == nullptr) return rpc::CellNotHosted(kService, Area::Nat());
  auto sentence = nat.Sentence(request.sentence_key());
  if (!sentence.ok()) return Failed(sentence.status(), id);
  const auto person = nat.Person(sentence->sentence().crn());
  if (!person.ok()) return Failed(person.status(), id);
  if (!MaySee(person->person().access(), request.actor())) return Unseen(id);
  *reply = *std::move(sentence);
  return grpc::Status::OK;
}

grpc::Status ReadReferral(const host::ServiceHost& host, const NatReader& nat,
                          const v1::GetReferralRequest& request, v1::GetReferralReply* reply) {
  const AggregateId id = ReferralId(request.referral_id());
  const absl::StatusOr<Found> found = Load(host, request.area(), request.referral_id());
  if (!found.ok()) return Failed(found.status(), id);
  if (found->version.value() < request.version()) {
    return rpc::ToStatus(absl::UnavailableError("the referral has not reached that version here"),
                         kService);
  }
  const common::v1::Actor& actor = request.actor();
  if (!MaySeeReferral(host, nat, found->referral, actor)) return Unseen(id);
  if (IsProvider(actor) && !Holds(actor, found->referral)) {
    const v1::Round* offer = OpenOffer(found->referral);
    if (offer == nullptr || offer->org() != actor.organisation()) return Unseen(id);
    *reply->mutable_sheet() = SheetOf(found->referral, *offer);
    reply->set_referral_id(request.referral_id());
    return grpc::Status::OK;
  }
  if (!IsProvider(actor) && !IsOfficial(actor)) return Unseen(id);
  FillReferral(*found, reply);
  const absl::Status nat_facts = FillNat(nat, reply);
  return nat_facts.ok() ? grpc::Status::OK : Failed(nat_facts, id);
}

grpc::Status ReadCaseList(const host::ServiceHost& host, const v1::CaseListRequest& request,
                          v1::CaseListReply* reply) {
  const std::optional<Area> area = Area::FromCode(request.area());
  if (!area || host.cell(*area) == nullptr) {
    return rpc::CellNotHosted(kService, area.value_or(Area::Nat()));
  }
  const common::v1::Actor& actor = request.actor();
  const bool provider = IsProvider(actor);
  if (!provider && !IsOfficial(actor)) return grpc::Status::OK;
  const int size = PageSize(request.page());
  v1::CaseRow row;
  std::string last;
  size_t seen = 0;
  const absl::Status status = host.rows(Cases::kName)
      .Scan(*area, {.prefix = Cases::kOrderPrefix, .after_key = AfterKey(request.page()),
                    .limit = kScanMax},
            &row, [&](absl::string_view key, bool) {
              ++seen;
              last = std::string(key);
              // REF-92 before paging.
              if (provider && (row.org().empty() || row.org() != actor.organisation())) return true;
              if (!Matches(request, row)) return true;
              if (!MaySeePerson(host, *area, row.crn(), actor)) return true;
              *reply->add_cases() = row;
              return reply->cases_size() < size;
            });
  if (!status.ok()) return rpc::ToStatus(status, kService);
  if (reply->cases_size() == size || seen == kScanMax) reply->set_next_page_token(TokenOf(last));
  return grpc::Status::OK;
}

grpc::Status ReadOfferInbox(const host::ServiceHost& host, const v1::OfferInboxRequest& request,
                            v1::OfferInboxReply* reply) {
  const std::optional<Area> area = Area::FromCode(request.area());
  if (!area || host.cell(*area) == nullptr) {
    return rpc::CellNotHosted(kService, area.value_or(Area::Nat()));
  }
  const common::v1::Actor& actor = request.actor();
  const std::string org = request.org().empty() ? actor.organisation() : request.org();
  if (IsProvider(actor) ? org != actor.organisation() : !IsOfficial(actor)) {
    return rpc::ToStatus(decider::NotAuthorised("another organisation's offers"), kService);
  }
  if (org.empty()) return grpc::Status::OK;
  const int size = PageSize(request.page());
  v1::OfferSheet row;
  std::string last;
  const absl::Status status = host.rows(Cases::kName)
      .Scan(*area, {.prefix = Cases::InboxPrefix(org), .after_key = AfterKey(request.page()),
                    .limit = kScanMax},
            &row, [&](absl::string_view key, bool) {
              last = std::string(key);
              if (!request.route().empty() && row.route() != request.route()) return true;
              if (!request.stratum().empty() && row.stratum() != request.stratum()) return true;
              v1::CaseRow offered;
              const auto found = host.rows(Cases::kName)
                                     .Get(*area, Cases::RowKey(row.referral_id()), &offered);
              if (!found.ok() || !MaySeePerson(host, *area, offered.crn(), actor)) {
                return true;
              }
              *reply->add_offers() = row;
              return reply->offers_size() < size;
            });
  if (!status.ok()) return rpc::ToStatus(status, kService);
  if (reply->offers_size() == size) reply->set_next_page_token(TokenOf(last));
  return grpc::Status::OK;
}

grpc::Status ReadDecision(const host::ServiceHost& host, const NatReader& nat,
                          const v1::DecisionExplainRequest& request,
                          v1::DecisionExplainReply* reply) {
  const AggregateId id = ReferralId(request.referral_id());
  const absl::StatusOr<Found> found = Load(host, request.area(), request.referral_id());
  if (!found.ok()) return Failed(found.status(), id);
  const common::v1::Actor& actor = request.actor();
  if (IsProvider(actor) ? !Holds(actor, found->referral) : !IsOfficial(actor)) return Unseen(id);
  if (!MaySeeReferral(host, nat, found->referral, actor)) return Unseen(id);
  *reply->mutable_decision() = found->referral.decision();
  const bool welsh = request.language() == "cy";
  for (const common::v1::TraceItem& item : found->referral.decision().trace()) {
    const common::v1::Truth result = item.result();
    const char* word = result == common::v1::TRUTH_TRUE    ? (welsh ? "wedi'i fodloni" : "met")
                       : result == common::v1::TRUTH_FALSE ? (welsh ? "heb ei fodloni" : "not met")
                                                           : (welsh ? "anhysbys" : "not known");
    auto* line = reply->add_lines();
    line->set_code(absl::StrCat(item.version_ref(), ":", item.item()));
    line->set_text(absl::StrCat(item.rule(), ": ", word));
  }
  return grpc::Status::OK;
}

}  // namespace pdp::referral
