#include "services/referral/query_access.h"

#include <algorithm>
#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "libs/base/calendar.h"
#include "libs/base/deterministic_bytes.h"
#include "libs/base/hash.h"
#include "libs/base/random.h"
#include "libs/base/status_macros.h"
#include "libs/engine/cell.h"
#include "libs/privacy/aead.h"
#include "libs/privacy/key_vault.h"
#include "libs/rpc/execute.h"
#include "libs/rpc/shape.h"
#include "services/referral/domain/access.h"
#include "services/referral/domain/commands.h"
#include "services/referral/projections/cases.h"
#include "services/referral/projections/limited.h"
#include "services/referral/projections/people.h"
#include "services/referral/projections/sentences.h"

namespace pdp::referral {
namespace {

constexpr int kPageDefault = 50;
constexpr size_t kTokenBytesMax = 2'048;
constexpr size_t kOfPersonMax = 200;
// A subject of the vault that is nobody's CRN (REF-1).
constexpr char kCursorKey[] = "key/referral/page-tokens";

// What two pages of one list have in common.
std::string FilterOf(const google::protobuf::Message& request) {
  std::unique_ptr<google::protobuf::Message> filter(request.New());
  filter->CopyFrom(request);
  for (const char* name : {"page", "actor", "read"}) {
    const auto* field = filter->GetDescriptor()->FindFieldByName(name);
    if (field != nullptr) filter->GetReflection()->ClearField(filter.get(), field);
  }
  return absl::StrCat(filter->GetDescriptor()->name(), "\n",
                      Sha256(DeterministicBytes(*filter)).view());
}

absl::StatusOr<std::string> CursorSecret(const host::ServiceHost& host) {
  ASSIGN_OR_RETURN(privacy::PersonKey key, host.vault().Obtain(kCursorKey));
  return std::move(key.secret);
}

// ---- Whose a person is (REF-92)

bool IsHome(const host::ServiceHost& host, Area area, const std::string& crn) {
  v1::IndexedPerson row;
  const std::string key = absl::StrCat(People::AreaPrefix(area.code()), crn);
  const auto found = host.rows(People::kName).Get(Area::Nat(), key, &row);
  return found.ok() && *found;
}

bool HasLiveSentence(const host::ServiceHost& host, Area area, const std::string& crn) {
  const auto keys = SentenceKeysOf(host.rows(Sentences::kName), crn);
  return keys.ok() && std::any_of(keys->begin(), keys->end(), [&](const std::string& key) {
    const auto read = host.cell(Area::Nat())->ReadState(SentenceId(key));
    if (!read.ok()) return false;
    const v1::Sentence& sentence = static_cast<const v1::State&>(*read->state).sentence();
    return sentence.status() == v1::SENTENCE_LIVE &&
           absl::string_view(sentence.area()) == area.code();
  });
}

// The area of another process is not asked for each of many people: referrals are opened in the
// area of a live sentence.
bool HasOpenReferral(const host::ServiceHost& host, Area area, const std::string& crn) {
  if (host.cell(area) == nullptr) return HasLiveSentence(host, area, crn);
  const projection::RowReader& cases = host.rows(Cases::kName);
  const auto ids = ReferralIdsOf(cases, area, crn, kOfPersonMax);
  v1::CaseRow row;
  return ids.ok() && std::any_of(ids->begin(), ids->end(), [&](const std::string& id) {
    const auto found = cases.Get(area, Cases::RowKey(id), &row);
    return found.ok() && *found && !IsFinished(row.state()) && row.state() != v1::MOVED;
  });
}

}  // namespace

bool HasRole(const common::v1::Actor& actor, absl::string_view role) {
  return std::any_of(actor.roles().begin(), actor.roles().end(),
                     [&](const std::string& held) { return held == role; });
}

bool IsProvider(const common::v1::Actor& actor) {
  return (HasRole(actor, "PV") || HasRole(actor, "CW")) && !HasRole(actor, "SYS");
}

bool IsOfficial(const common::v1::Actor& actor) {
  for (const char* role : {"RO", "AA", "AM", "CF", "DP", "AU", "SYS"}) {
    if (HasRole(actor, role)) return true;
  }
  return false;
}

grpc::Status Unseen(const AggregateId& id) {
  return rpc::ToStatus(decider::NotFound(id), kServiceName);
}

grpc::Status Failed(const absl::Status& status, const AggregateId& id) {
  return status.code() == absl::StatusCode::kNotFound ? Unseen(id)
                                                      : rpc::ToStatus(status, kServiceName);
}

bool HasLimited(const host::ServiceHost& host, Area area) {
  if (host.cell(area) == nullptr) return false;
  v1::AccessLists none;
  const auto any = host.rows(Limited::kName).Get(area, Limited::kAny, &none);
  return !any.ok() || *any;
}

Audience::Audience(const host::ServiceHost& host, Area area, const common::v1::Actor& actor)
    : host_(host),
      area_(area),
      actor_(actor),
      own_(AreaOf(actor)),
      provider_(IsProvider(actor)),
      official_(IsOfficial(actor) && (area.is_nat() || !WorksElsewhere(actor, area))) {}

// Few people are of limited access: most look-ups end at the filter of the table.
bool Audience::Allowed(Area where, absl::string_view crn) const {
  std::optional<bool>& any = where.is_nat() ? any_in_nat_ : any_here_;
  if (!any) any = HasLimited(host_, where);
  if (!*any) return true;
  v1::AccessLists lists;
  const auto limited = host_.rows(Limited::kName).Get(where, crn, &lists);
  return limited.ok() && (!*limited || MaySee(lists, actor_));
}

bool Audience::MaySeePerson(absl::string_view crn) const {
  if (!Allowed(area_, crn)) return false;
  if (area_.is_nat()) return !own_ || provider_ || BelongsTo(*own_, crn);
  return host_.cell(Area::Nat()) == nullptr || Allowed(Area::Nat(), crn);
}

bool Audience::BelongsTo(Area own, absl::string_view crn) const {
  // Most people of a list are at home in the area of who reads it.
  if (IsHome(host_, own, std::string(crn))) return true;
  const auto family = FamilyOf(host_.rows(People::kName), std::string(crn));
  return family.ok() && std::any_of(family->begin(), family->end(), [&](const std::string& one) {
    return IsHome(host_, own, one) || HasOpenReferral(host_, own, one);
  });
}

bool HasOpenReferralIn(const host::ServiceHost& host, Area area, const std::string& crn) {
  const auto family = FamilyOf(host.rows(People::kName), crn);
  return family.ok() && std::any_of(family->begin(), family->end(), [&](const std::string& one) {
    return HasOpenReferral(host, area, one);
  });
}

bool Audience::MaySeeCase(absl::string_view crn, absl::string_view holder_org) const {
  const bool in_scope =
      provider_ ? !holder_org.empty() && holder_org == actor_.organisation() : official_;
  return in_scope && MaySeePerson(crn);
}

absl::StatusOr<std::string> Cursor::Seal(const host::ServiceHost& host,
                                         const google::protobuf::Message& request,
                                         absl::string_view place) {
  ASSIGN_OR_RETURN(const std::string secret, CursorSecret(host));
  const std::string nonce = Random::System().Bytes(privacy::kNonceBytes);
  std::string token = absl::WebSafeBase64Escape(
      absl::StrCat(nonce, privacy::AeadSeal(secret, nonce, FilterOf(request), place)));
  while (!token.empty() && token.back() == '=') token.pop_back();
  return token;
}

absl::StatusOr<std::string> Cursor::Open(const host::ServiceHost& host,
                                         const google::protobuf::Message& request,
                                         const std::string& token) {
  if (token.empty()) return std::string();
  std::string raw;
  if (token.size() > kTokenBytesMax || !absl::WebSafeBase64Unescape(token, &raw) ||
      raw.size() < privacy::kNonceBytes + privacy::kTagBytes) {
    return absl::InvalidArgumentError("is no token of this list");
  }
  ASSIGN_OR_RETURN(const std::string secret, CursorSecret(host));
  const absl::string_view all = raw;
  auto place = privacy::AeadOpen(secret, all.substr(0, privacy::kNonceBytes), FilterOf(request),
                                 all.substr(privacy::kNonceBytes));
  if (!place.ok()) return absl::InvalidArgumentError("is no token of this list and these filters");
  return place;
}

RequestCheck::RequestCheck(const host::ServiceHost& host,
                           const google::protobuf::Message& request)
    : host_(host), violations_(rpc::FindBadShape(request)) {}

void RequestCheck::AreaCode(const std::string& code) {
  area_ = Area::FromCode(code);
  Require(area_.has_value(), "UNKNOWN_AREA", "area", "is no area code");
}

void RequestCheck::Page(const google::protobuf::Message& request,
                        const common::v1::PageRequest& page) {
  Require(page.page_size() >= 0, "VALUE_OUT_OF_RANGE", "page.page_size", "is negative");
  auto place = Cursor::Open(host_, request, page.page_token());
  Require(place.ok(), "PAGE_TOKEN_INVALID", "page.page_token",
          "is no token of this list and these filters");
  if (place.ok()) place_ = *std::move(place);
}

void RequestCheck::Require(bool holds, absl::string_view code, const char* field,
                           const char* detail) {
  if (holds) return;
  violations_.push_back({.code = std::string(code), .field = field, .detail = detail});
}

void RequestCheck::DateOrEmpty(const std::string& text, const char* field) {
  Require(text.empty() || ParseDate(text).has_value(), "DATE_MALFORMED", field,
          "is no date YYYY-MM-DD");
}

grpc::Status RequestCheck::Finish(Area* area) const {
  if (area_) *area = *area_;
  return FinishIn(area_.value_or(Area::Nat()));
}

grpc::Status RequestCheck::FinishIn(Area cell) const {
  if (!violations_.empty()) {
    return rpc::ToStatus(decider::ValidationFailed(violations_), kServiceName);
  }
  return host_.cell(cell) == nullptr ? rpc::CellNotHosted(kServiceName, cell) : grpc::Status::OK;
}

int PageSize(const common::v1::PageRequest& page, int most) {
  return page.page_size() <= 0 ? std::min(kPageDefault, most) : std::min(page.page_size(), most);
}

}  // namespace pdp::referral
