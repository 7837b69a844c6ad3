#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "libs/base/calendar.h"
#include "libs/base/timestamp.h"
#include "libs/engine/cell.h"
#include "services/referral/cell_rules.h"
#include "services/referral/domain/form.h"
#include "services/referral/projections/case_lists.h"
#include "services/referral/projections/cases.h"
#include "services/referral/projections/people.h"
#include "services/referral/projections/tasks.h"
#include "services/referral/query_access.h"
#include "services/referral/service_queries.h"

// The lists and boards of an area. Scope and limited access come before paging, so pages are full.

namespace pdp::referral {
namespace {

// A draft costs a state to read: fewer are looked at for one page.
constexpr size_t kDraftsLookedAt = 200;

bool EqualOrAny(const std::string& wanted, const std::string& has) {
  return wanted.empty() || wanted == has;
}

// The list that leaves the fewest rows to look at.
std::string ListFor(const v1::CaseListRequest& request, const Audience& audience) {
  std::string prefix = kAllCases;
  if (request.states_size() == 1) {
    prefix = ListPrefix(CaseListOf::kState, absl::StrCat(static_cast<int>(request.states(0))));
  }
  if (!request.pdu().empty()) prefix = ListPrefix(CaseListOf::kPdu, request.pdu());
  if (!request.route().empty()) prefix = ListPrefix(CaseListOf::kRoute, request.route());
  if (!request.org().empty()) prefix = ListPrefix(CaseListOf::kOrg, request.org());
  if (audience.provider()) {
    prefix = ListPrefix(CaseListOf::kOrg, audience.actor().organisation());
  }
  if (!request.caseworker().empty()) {
    prefix = ListPrefix(CaseListOf::kCaseworker, request.caseworker());
  }
  // The order begins with 0 for the breached ones.
  return request.breached_only() ? absl::StrCat(prefix, "0") : prefix;
}

// The rows of a board from `from` to `to`: keys begin with the date, so what lies outside is not
// read. '0' is the character after '/'.
PageOf Window(const projection::RowReader& rows, Area area, const std::string& prefix,
              const v1::BoardRequest& request, const std::string& place) {
  PageOf page{rows, area, prefix, place, ""};
  if (place.empty() && !request.from().empty()) page.after = absl::StrCat(prefix, request.from());
  if (!request.to().empty()) page.until = absl::StrCat(prefix, request.to(), "0");
  return page;
}

grpc::Status ReadBoard(const host::ServiceHost& host, const std::string& prefix,
                       const v1::BoardRequest& request, v1::BoardReply* reply,
                       bool (*keep)(const v1::BoardRequest&, const v1::CaseRow&)) {
  RequestCheck check(host, request);
  check.DateOrEmpty(request.from(), "from");
  check.DateOrEmpty(request.to(), "to");
  Area area;
  if (auto status = check.Finish(&area); !status.ok()) return status;
  const Audience audience(host, area, request.actor());
  return FillPage<v1::CaseRow>(
      host, request, Window(host.rows(Cases::kName), area, prefix, request, check.place()), reply,
      [&](const v1::CaseRow& row) {
        return EqualOrAny(request.pdu(), row.pdu()) && keep(request, row) &&
               audience.MaySeeCase(row.crn(), row.org());
      },
      [&](const v1::CaseRow& row, bool) {
        *reply->add_cases() = row;
        return true;
      });
}

// One draft as its form now stands; false when it is no draft any more.
bool FillDraft(const host::ServiceHost& host, Area area, Date today, const Policy& policy,
               const v1::CaseRow& row, v1::DraftRow* draft) {
  const auto read = host.cell(area)->ReadState(ReferralId(row.referral_id()));
  if (!read.ok()) return false;
  const v1::Referral& referral = static_cast<const v1::State&>(*read->state).referral();
  if (referral.state() != v1::DRAFT) return false;
  // Who they are matters to what is asked of their needs, and to nothing else. Nobody is known
  // where NAT is not hosted.
  v1::Person person;
  v1::IndexedPerson indexed;
  if (referral.sections().contains("NEEDS") &&
      host.rows(People::kName).Get(Area::Nat(), People::PersonKey(row.crn()), &indexed).ok()) {
    person.mutable_identity()->set_date_of_birth(indexed.date_of_birth());
    person.mutable_identity()->set_sex(indexed.sex());
    person.mutable_identity()->set_gender_identity(indexed.gender_identity());
  }
  std::vector<Violation> missing = MissingParts(referral, person, today, policy);
  for (const std::string& name : SectionsOfLine(referral.line())) {
    auto* section = draft->add_sections();
    section->set_section(name);
    const bool incomplete = std::any_of(missing.begin(), missing.end(),
                                        [&](const Violation& v) { return v.subject == name; });
    section->set_status(!referral.sections().contains(name) ? v1::NOT_STARTED
                        : incomplete                        ? v1::IN_PROGRESS
                                                            : v1::COMPLETE);
  }
  if (const auto expires = DraftExpiresAt(referral)) {
    *draft->mutable_expires_at() = ToTimestamp(*expires);
  }
  *draft->mutable_draft() = row;
  return true;
}

bool LacksSection(const v1::DraftRow& draft, const std::string& section) {
  return section.empty() ||
         std::any_of(draft.sections().begin(), draft.sections().end(), [&](const auto& state) {
           return state.section() == section && state.status() != v1::COMPLETE;
         });
}

}  // namespace

bool Matches(const v1::CaseListRequest& request, const v1::CaseRow& row) {
  const auto& states = request.states();
  if (!states.empty() && std::find(states.begin(), states.end(), row.state()) == states.end()) {
    return false;
  }
  if (!EqualOrAny(request.line(), row.line()) || !EqualOrAny(request.route(), row.route()) ||
      !EqualOrAny(request.org(), row.org()) || !EqualOrAny(request.pdu(), row.pdu()) ||
      !EqualOrAny(request.clock(), row.clock()) || (request.breached_only() && !row.breached())) {
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

grpc::Status ReadCaseList(const host::ServiceHost& host, const v1::CaseListRequest& request,
                          v1::CaseListReply* reply) {
  RequestCheck check(host, request);
  Area area;
  if (auto status = check.Finish(&area); !status.ok()) return status;
  const Audience audience(host, area, request.actor());
  if (!audience.provider() && !audience.official()) return grpc::Status::OK;
  const projection::RowReader& rows = host.rows(Cases::kName);
  return FillPage<v1::CaseRow>(
      host, request, {rows, area, ListFor(request, audience), check.place(), ""}, reply,
      [&](const v1::CaseRow& row) {
        return Matches(request, row) && audience.MaySeeCase(row.crn(), row.org());
      },
      [&](const v1::CaseRow& row, bool) {
        v1::CaseRow* whole = reply->add_cases();
        const auto found = rows.Get(area, Cases::RowKey(row.referral_id()), whole);
        if (!found.ok() || !*found) *whole = row;
        return true;
      });
}

grpc::Status ReadOfferInbox(const host::ServiceHost& host, const v1::OfferInboxRequest& request,
                            v1::OfferInboxReply* reply) {
  RequestCheck check(host, request);
  Area area;
  if (auto status = check.Finish(&area); !status.ok()) return status;
  const Audience audience(host, area, request.actor());
  const common::v1::Actor& actor = request.actor();
  const std::string org = request.org().empty() ? actor.organisation() : request.org();
  if (audience.provider() ? org != actor.organisation() : !audience.official()) {
    return rpc::ToStatus(decider::NotAuthorised("another organisation's offers"), kServiceName);
  }
  if (org.empty()) return grpc::Status::OK;
  const projection::RowReader& rows = host.rows(Cases::kName);
  return FillPage<v1::OfferSheet>(
      host, request, {rows, area, Cases::InboxPrefix(org), check.place(), ""}, reply,
      [&](const v1::OfferSheet& sheet) {
        if (sheet.org() != org || !EqualOrAny(request.route(), sheet.route()) ||
            !EqualOrAny(request.stratum(), sheet.stratum())) {
          return false;
        }
        v1::CaseRow offered;
        const auto found = rows.Get(area, Cases::RowKey(sheet.referral_id()), &offered);
        return found.ok() && *found && audience.MaySeePerson(offered.crn());
      },
      [&](const v1::OfferSheet& sheet, bool) {
        *reply->add_offers() = sheet;
        return true;
      });
}

grpc::Status ReadDraftList(const host::ServiceHost& host, const v1::DraftListRequest& request,
                           v1::DraftListReply* reply) {
  RequestCheck check(host, request);
  const std::vector<std::string> known = {"PERSON",    "CONTACT", "NEEDS",        "SENTENCE",
                                          "NEED_TYPE", "RISK",    "AVAILABILITY", "ETE",
                                          "WORK_LIMITS"};
  check.Require(request.section().empty() ||
                    std::find(known.begin(), known.end(), request.section()) != known.end(),
                "UNKNOWN_CODE", "section", "is no section of the form");
  Area area;
  if (auto status = check.Finish(&area); !status.ok()) return status;
  const Audience audience(host, area, request.actor());
  // Drafts are the authority's own (REF-92).
  if (!audience.official()) return grpc::Status::OK;
  const Date today = LocalDate(host.clock().Now());
  const CellRules rules(host.cell(area), today);
  const Policy policy = Policy::InForce(today);
  return FillPage<v1::CaseRow>(
      host, request,
      {host.rows(Cases::kName), area, kDrafts, check.place(), "",
       request.section().empty() ? kScanMax : kDraftsLookedAt},
      reply,
      [&](const v1::CaseRow& row) {
        return EqualOrAny(request.opener(), row.opened_by()) && audience.MaySeePerson(row.crn());
      },
      [&](const v1::CaseRow& row, bool) {
        v1::DraftRow draft;
        if (!FillDraft(host, area, today, policy, row, &draft) ||
            !LacksSection(draft, request.section())) {
          return false;
        }
        *reply->add_drafts() = std::move(draft);
        return true;
      });
}

grpc::Status ReadSlaBoard(const host::ServiceHost& host, const v1::BoardRequest& request,
                          v1::BoardReply* reply) {
  return ReadBoard(host, kClockList, request, reply,
                   [](const v1::BoardRequest& wanted, const v1::CaseRow& row) {
                     const std::string& offered_to = row.clocks(0).org();
                     return EqualOrAny(wanted.code(), row.clock()) &&
                            (EqualOrAny(wanted.org(), row.org()) || wanted.org() == offered_to);
                   });
}

grpc::Status ReadUnplaced(const host::ServiceHost& host, const v1::BoardRequest& request,
                          v1::BoardReply* reply) {
  return ReadBoard(host, kUnplaced, request, reply,
                   [](const v1::BoardRequest& wanted, const v1::CaseRow& row) {
                     return EqualOrAny(wanted.code(), row.route()) && wanted.org().empty();
                   });
}

grpc::Status ReadReturns(const host::ServiceHost& host, const v1::BoardRequest& request,
                         v1::BoardReply* reply) {
  return ReadBoard(host, kReturns, request, reply,
                   [](const v1::BoardRequest& wanted, const v1::CaseRow& row) {
                     return EqualOrAny(wanted.code(), row.return_code()) &&
                            EqualOrAny(wanted.org(), row.return_org());
                   });
}

grpc::Status ReadDuplicates(const host::ServiceHost& host, const v1::BoardRequest& request,
                            v1::BoardReply* reply) {
  return ReadBoard(host, kDuplicates, request, reply,
                   [](const v1::BoardRequest& wanted, const v1::CaseRow& row) {
                     return EqualOrAny(wanted.code(), row.line()) &&
                            EqualOrAny(wanted.org(), row.org());
                   });
}

grpc::Status ReadEnforcementTasks(const host::ServiceHost& host, const v1::BoardRequest& request,
                                  v1::EnforcementTasksReply* reply) {
  RequestCheck check(host, request);
  check.DateOrEmpty(request.from(), "from");
  check.DateOrEmpty(request.to(), "to");
  Area area;
  if (auto status = check.Finish(&area); !status.ok()) return status;
  const Audience audience(host, area, request.actor());
  // The responsible officer's, with evidence: not for providers.
  if (!audience.official()) return grpc::Status::OK;
  return FillPage<v1::EnforcementTask>(
      host, request,
      Window(host.rows(Tasks::kName), area, Tasks::kEnforcement, request, check.place()), reply,
      [&](const v1::EnforcementTask& task) {
        return EqualOrAny(request.org(), task.org()) && EqualOrAny(request.pdu(), task.pdu()) &&
               EqualOrAny(request.code(), task.kind()) && audience.MaySeePerson(task.crn());
      },
      [&](const v1::EnforcementTask& task, bool erased) {
        *reply->add_tasks() = task;
        reply->mutable_tasks(reply->tasks_size() - 1)->set_erased(erased);
        return true;
      });
}

grpc::Status ReadQuarantined(const host::ServiceHost& host, const v1::BoardRequest& request,
                             v1::QuarantinedCodesReply* reply) {
  RequestCheck check(host, request);
  check.DateOrEmpty(request.from(), "from");
  check.DateOrEmpty(request.to(), "to");
  // Sentences are kept in NAT, whatever their area.
  if (auto status = check.FinishIn(Area::Nat()); !status.ok()) return status;
  const Audience audience(host, Area::Nat(), request.actor());
  if (!audience.official()) return grpc::Status::OK;
  return FillPage<v1::QuarantinedCode>(
      host, request,
      Window(host.rows(Tasks::kName), Area::Nat(), Tasks::QuarantinePrefix(request.area()),
             request, check.place()),
      reply,
      [&](const v1::QuarantinedCode& code) {
        return EqualOrAny(request.code(), code.ext_main()) && audience.MaySeePerson(code.crn());
      },
      [&](const v1::QuarantinedCode& code, bool) {
        *reply->add_codes() = code;
        return true;
      });
}

}  // namespace pdp::referral
