#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/engine/cell.h"
#include "libs/rpc/execute.h"
#include "services/referral/domain/commands.h"
#include "services/referral/domain/name_folding.h"
#include "services/referral/domain/reference_number.h"
#include "services/referral/projections/case_lists.h"
#include "services/referral/projections/cases.h"
#include "services/referral/projections/people.h"
#include "services/referral/query_access.h"
#include "services/referral/service_queries.h"

// Search (REF-103): by CRN, by reference, by the beginning of a name.

namespace pdp::referral {
namespace {

constexpr int kHitsMax = 50;
constexpr size_t kLettersMin = 2;
constexpr size_t kCasesOfPersonMax = 200;
// People looked at for one page; a page that filters leave short has a token to go on.
constexpr int kPeopleLookedAt = 500;

bool HasDigit(absl::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return absl::ascii_isdigit(c); });
}

// One search: what is asked, and whether a person belongs to the answer.
class Search {
 public:
  Search(const host::ServiceHost& host, const v1::SearchRequest& request)
      : host_(host),
        request_(request),
        filter_(FilterOf(request)),
        people_(host, Area::Nat(), request.actor()) {
    const std::optional<Area> wanted = Area::FromCode(request.area());
    for (const Area area : host.areas()) {
      if (area.is_nat() || (wanted && *wanted != area)) continue;
      areas_.emplace_back(area, Audience(host, area, request.actor()));
    }
  }

  // False: the person is not of the answer, for this actor. `family`: all their records.
  bool Fill(const v1::IndexedPerson& person, const std::vector<std::string>& family, bool erased,
            v1::SearchHit* hit) const {
    if (!people_.MaySeePerson(person.crn())) return false;
    for (const auto& [area, audience] : areas_) {
      for (const std::string& crn : family) AddCases(area, audience, crn, hit);
    }
    const bool here = request_.area().empty() || person.home_area() == request_.area();
    const bool wanted = FiltersCases() || people_.provider() ? hit->cases_size() > 0
                                                             : here || hit->cases_size() > 0;
    if (!wanted || (!people_.provider() && !people_.official())) return false;
    hit->set_crn(person.crn());
    *hit->mutable_name() = person.name();
    hit->set_date_of_birth(person.date_of_birth());
    hit->set_home_area(person.home_area());
    hit->set_pdu(person.pdu());
    hit->set_erased(erased);
    return true;
  }

 private:
  bool FiltersCases() const {
    return request_.states_size() > 0 || !request_.line().empty() || !request_.route().empty() ||
           !request_.org().empty() || request_.breached_only();
  }
  static v1::CaseListRequest FilterOf(const v1::SearchRequest& request) {
    v1::CaseListRequest filter;
    *filter.mutable_states() = request.states();
    filter.set_line(request.line());
    filter.set_route(request.route());
    filter.set_org(request.org());
    filter.set_breached_only(request.breached_only());
    return filter;
  }
  void AddCases(Area area, const Audience& audience, const std::string& crn,
                v1::SearchHit* hit) const {
    const projection::RowReader& rows = host_.rows(Cases::kName);
    const auto ids = ReferralIdsOf(rows, area, crn, kCasesOfPersonMax);
    if (!ids.ok()) return;
    for (const std::string& id : *ids) {
      v1::CaseRow* row = hit->add_cases();
      const auto found = rows.Get(area, Cases::RowKey(id), row);
      if (!found.ok() || !*found || !Matches(filter_, *row) ||
          !audience.MaySeeCase(row->crn(), row->org())) {
        hit->mutable_cases()->RemoveLast();
      }
    }
  }

  const host::ServiceHost& host_;
  const v1::SearchRequest& request_;
  // Of cases.
  const v1::CaseListRequest filter_;
  const Audience people_;
  std::vector<std::pair<Area, Audience>> areas_;
};

// Any CRN of a merged person finds the person.
absl::Status AddByCrn(const host::ServiceHost& host, const Search& search, const std::string& crn,
                      v1::SearchReply* reply) {
  const projection::RowReader& people = host.rows(People::kName);
  ASSIGN_OR_RETURN(const std::vector<std::string> family, FamilyOf(people, crn));
  v1::IndexedPerson person;
  bool erased = false;
  ASSIGN_OR_RETURN(const bool found, people.Get(Area::Nat(), People::PersonKey(family.front()),
                                                &person, &erased));
  v1::SearchHit hit;
  if (found && search.Fill(person, family, erased || person.name().family().empty(), &hit)) {
    *reply->add_hits() = std::move(hit);
  }
  return absl::OkStatus();
}

grpc::Status ByCrn(const host::ServiceHost& host, const Search& search, const std::string& crn,
                   v1::SearchReply* reply) {
  const absl::Status status = AddByCrn(host, search, crn, reply);
  return status.ok() ? grpc::Status::OK : rpc::ToStatus(status, kServiceName);
}

grpc::Status ByReference(const host::ServiceHost& host, const Search& search,
                         const ReferenceNumber& number, v1::SearchReply* reply) {
  if (host.cell(number.area) == nullptr) return rpc::CellNotHosted(kServiceName, number.area);
  v1::CaseRow row;
  const auto found = host.rows(Cases::kName)
                         .Get(number.area, absl::StrCat(kReferences, *FormatReference(number)),
                              &row);
  if (!found.ok()) return rpc::ToStatus(found.status(), kServiceName);
  if (!*found) return grpc::Status::OK;
  v1::SearchReply all;
  if (auto status = ByCrn(host, search, row.crn(), &all); !status.ok()) return status;
  for (v1::SearchHit& hit : *all.mutable_hits()) {
    // The referral asked for and no other; a provider who may not see it gets nothing.
    v1::SearchHit one = hit;
    one.clear_cases();
    for (const v1::CaseRow& known : hit.cases()) {
      if (known.referral_id() == row.referral_id()) *one.add_cases() = known;
    }
    if (one.cases_size() > 0) *reply->add_hits() = std::move(one);
  }
  return grpc::Status::OK;
}

// `family` or `family, given`, folded: empty when a part is too short.
std::string BeginningOf(const std::string& text) {
  const size_t comma = text.find(',');
  const std::string family = FoldName(text.substr(0, comma));
  if (FoldedLetters(family) < kLettersMin) return "";
  if (comma == std::string::npos) return family;
  const std::string given = FoldName(text.substr(comma + 1));
  return FoldedLetters(given) < kLettersMin ? "" : absl::StrCat(family, ",", given);
}

// A merged record is found as its root: at the place of the root's own name when that begins so
// too, else at the place of this one.
absl::Status AddByName(const host::ServiceHost& host, const Search& search,
                       const std::string& beginning, const v1::IndexedPerson& person,
                       v1::SearchReply* reply) {
  const projection::RowReader& people = host.rows(People::kName);
  ASSIGN_OR_RETURN(const std::vector<std::string> family, FamilyOf(people, person.crn()));
  const std::string& root = family.front();
  if (root == person.crn()) {
    v1::SearchHit hit;
    if (search.Fill(person, family, false, &hit)) *reply->add_hits() = std::move(hit);
    return absl::OkStatus();
  }
  for (const v1::SearchHit& hit : reply->hits()) {
    if (hit.crn() == root) return absl::OkStatus();
  }
  v1::IndexedPerson survivor;
  ASSIGN_OR_RETURN(const bool known,
                   people.Get(Area::Nat(), People::PersonKey(root), &survivor));
  if (!known || absl::StartsWith(People::TextOf(survivor.name()), beginning)) {
    return absl::OkStatus();
  }
  return AddByCrn(host, search, root, reply);
}

grpc::Status ByName(const host::ServiceHost& host, const v1::SearchRequest& request,
                    const Search& search, const std::string& beginning, const std::string& place,
                    v1::SearchReply* reply) {
  const size_t end_of_text = place.find('\0');
  const std::string after_text = place.substr(0, end_of_text);
  const std::string after_crn =
      end_of_text == std::string::npos ? "" : place.substr(end_of_text + 1);
  const int size = PageSize(request.page(), kHitsMax);
  std::string last;
  int looked_at = 0;
  bool more = false;
  absl::Status failed;
  const absl::Status walked = WalkNames(
      host, beginning, after_text, after_crn,
      [&](const std::string& text, const v1::IndexedPerson& person) {
        if (reply->hits_size() == size || looked_at == kPeopleLookedAt) {
          more = true;
          return false;
        }
        ++looked_at;
        last = absl::StrCat(text, absl::string_view("\0", 1), person.crn());
        failed.Update(AddByName(host, search, beginning, person, reply));
        return failed.ok();
      });
  failed.Update(walked);
  if (!failed.ok()) return rpc::ToStatus(failed, kServiceName);
  if (!more) return grpc::Status::OK;
  auto token = Cursor::Seal(host, request, last);
  if (!token.ok()) return rpc::ToStatus(token.status(), kServiceName);
  reply->set_next_page_token(*std::move(token));
  return grpc::Status::OK;
}

}  // namespace

grpc::Status ReadSearch(const host::ServiceHost& host, const v1::SearchRequest& request,
                        v1::SearchReply* reply) {
  RequestCheck check(host, request, RequestCheck::AreaIs::kOptional);
  const std::string text(absl::StripAsciiWhitespace(request.text()));
  const std::optional<std::string> crn = NormaliseCrn(text);
  const auto parsed = ParseReference(text);
  const auto* number = std::get_if<ReferenceNumber>(&parsed);
  const std::string beginning = HasDigit(text) ? "" : BeginningOf(text);
  if (HasDigit(text)) {
    const auto* error = std::get_if<ReferenceError>(&parsed);
    check.Require(crn || error == nullptr, error == nullptr ? "" : ReasonOf(*error), "text",
                  "is no CRN and no reference");
  } else {
    check.Require(number != nullptr || !beginning.empty(), "QUERY_TOO_SHORT", "text",
                  "each part of a name has two letters or more");
  }
  if (auto status = check.FinishIn(Area::Nat()); !status.ok()) return status;
  const Search search(host, request);
  if (crn) {
    if (auto status = ByCrn(host, search, *crn, reply); !status.ok()) return status;
  }
  // A CRN of those symbols may be a reference too.
  if (reply->hits_size() == 0 && number != nullptr) {
    if (auto status = ByReference(host, search, *number, reply); !status.ok()) return status;
  }
  if (crn || reply->hits_size() > 0 || beginning.empty()) return grpc::Status::OK;
  return ByName(host, request, search, beginning, check.place(), reply);
}

}  // namespace pdp::referral
