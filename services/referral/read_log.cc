#include "services/referral/read_log.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "libs/base/random.h"
#include "libs/base/timestamp.h"
#include "libs/engine/cell.h"
#include "libs/rpc/execute.h"
#include "services/referral/domain/access.h"
#include "services/referral/projections/cases.h"
#include "services/referral/projections/limited.h"
#include "services/referral/query_access.h"

namespace pdp::referral {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr absl::Duration kAppendMax = absl::Seconds(10);

// Where names of persons stand in messages of one type, found once for each type.
struct Places {
  // Texts; nullptr: the type has no such field.
  const FieldDescriptor* crn = nullptr;
  const FieldDescriptor* origin_crn = nullptr;
  const FieldDescriptor* referral_id = nullptr;
  const FieldDescriptor* aggregate_id = nullptr;
  // Fields in whose messages there are some, however deep.
  std::vector<const FieldDescriptor*> below;
};

const FieldDescriptor* TextField(const Descriptor& type, const char* name) {
  const FieldDescriptor* field = type.FindFieldByName(name);
  const bool text = field != nullptr && !field->is_repeated() &&
                    field->cpp_type() == FieldDescriptor::CPPTYPE_STRING;
  return text ? field : nullptr;
}

bool IsOurs(const FieldDescriptor& field) {
  return field.message_type() != nullptr &&
         absl::StartsWith(field.message_type()->full_name(), "pdp.referral.");
}

bool HasPlaces(const Descriptor& type, std::set<const Descriptor*>* looked_at) {
  // Sheets name nobody (REF-61).
  if (&type == v1::OfferSheet::descriptor() || !looked_at->insert(&type).second) return false;
  for (const char* name : {"crn", "origin_crn", "referral_id", "aggregate_id"}) {
    if (TextField(type, name) != nullptr) return true;
  }
  for (int i = 0; i < type.field_count(); ++i) {
    if (IsOurs(*type.field(i)) && HasPlaces(*type.field(i)->message_type(), looked_at)) return true;
  }
  return false;
}

// Thread-safe; what it returns stays for ever.
const Places& PlacesOf(const Descriptor& type) {
  static absl::Mutex mutex(absl::kConstInit);
  static auto* const known = new std::map<const Descriptor*, std::unique_ptr<const Places>>();
  absl::MutexLock lock(&mutex);
  std::unique_ptr<const Places>& places = (*known)[&type];
  if (places != nullptr) return *places;
  auto found = std::make_unique<Places>();
  found->crn = TextField(type, "crn");
  found->origin_crn = TextField(type, "origin_crn");
  found->referral_id = TextField(type, "referral_id");
  found->aggregate_id = TextField(type, "aggregate_id");
  for (int i = 0; i < type.field_count(); ++i) {
    std::set<const Descriptor*> looked_at;
    if (IsOurs(*type.field(i)) && HasPlaces(*type.field(i)->message_type(), &looked_at)) {
      found->below.push_back(type.field(i));
    }
  }
  places = std::move(found);
  return *places;
}

// Who stands in a message: walks it once.
class Names {
 public:
  Names(const host::ServiceHost& host, Area where)
      : host_(host), cases_(host.rows(Cases::kName)), where_(where) {}

  void Walk(const Message& message) {
    if (message.GetDescriptor() == v1::Person::descriptor()) {
      const auto& person = static_cast<const v1::Person&>(message);
      // United over the family: an alias may be the limited one.
      if (IsLimited(person.access())) limited_.insert(person.crn());
    }
    if (message.GetDescriptor() == v1::OfferSheet::descriptor()) return;
    const Places& places = PlacesAt(message);
    Note(message, places);
    const auto* access = message.GetReflection();
    for (const FieldDescriptor* field : places.below) {
      if (!field->is_repeated()) {
        if (access->HasField(message, field)) Walk(access->GetMessage(message, field));
        continue;
      }
      const int size = access->FieldSize(message, field);
      for (int i = 0; i < size; ++i) Walk(access->GetRepeatedMessage(message, field, i));
    }
  }

  std::vector<v1::RecordAccess::Person> Limited() const {
    std::vector<v1::RecordAccess::Person> persons;
    for (const auto& [crn, referrals] : seen_) {
      if (!IsLimitedPerson(crn)) continue;
      for (const std::string& referral : referrals) {
        // By itself when a referral says more.
        if (referral.empty() && referrals.size() > 1) continue;
        persons.emplace_back().set_crn(crn);
        persons.back().set_referral_id(referral);
      }
    }
    return persons;
  }

 private:
  // Rows of a list are of one type: the lock is taken for the first.
  const Places& PlacesAt(const Message& message) {
    const Places*& places = places_[message.GetDescriptor()];
    if (places == nullptr) places = &PlacesOf(*message.GetDescriptor());
    return *places;
  }

  static std::string Text(const Message& message, const FieldDescriptor* field) {
    return field == nullptr ? "" : message.GetReflection()->GetString(message, field);
  }

  void Note(const Message& message, const Places& places) {
    std::string referral = Text(message, places.referral_id);
    std::string crn = Text(message, places.crn);
    if (crn.empty()) crn = Text(message, places.origin_crn);
    if (places.aggregate_id != nullptr) {
      // person/{crn}, sentence/{crn}/{event_no}, referral/{uuid}.
      const std::vector<std::string> id =
          absl::StrSplit(Text(message, places.aggregate_id), '/');
      if (crn.empty() && id.size() > 1 && id[0] != "referral") crn = id[1];
      if (referral.empty() && id.size() > 1 && id[0] == "referral") referral = id[1];
    }
    if (crn.empty() && !referral.empty()) {
      v1::CaseRow row;
      const auto found = cases_.Get(where_, Cases::RowKey(referral), &row);
      if (found.ok() && *found) crn = row.crn();
    }
    if (!crn.empty()) seen_[crn].insert(referral);
  }

  bool IsLimitedPerson(const std::string& crn) const {
    if (limited_.contains(crn)) return true;
    v1::AccessLists lists;
    const projection::RowReader& rows = host_.rows(Limited::kName);
    for (const Area area : {where_, Area::Nat()}) {
      if (host_.cell(area) == nullptr) continue;
      const auto found = rows.Get(area, crn, &lists);
      // Not known is logged: too much rather than too little.
      if (!found.ok() || *found) return true;
    }
    return false;
  }

  const host::ServiceHost& host_;
  const projection::RowReader& cases_;
  const Area where_;
  std::map<std::string, std::set<std::string>> seen_;
  std::set<std::string> limited_;
  std::map<const Descriptor*, const Places*> places_;
};

}  // namespace

std::vector<v1::RecordAccess::Person> LimitedPersons(const host::ServiceHost& host, Area where,
                                                     const Message& request, const Message& reply,
                                                     Reads reads) {
  const FieldDescriptor* actor = request.GetDescriptor()->FindFieldByName("actor");
  const auto& who = static_cast<const common::v1::Actor&>(
      request.GetReflection()->GetMessage(request, actor));
  if (HasRole(who, "SYS")) return {};
  const bool limited_here = HasLimited(host, where) || HasLimited(host, Area::Nat());
  if (!limited_here && host.cell(Area::Nat()) != nullptr) return {};
  Names names(host, where);
  names.Walk(reply);
  // A reply to a record's query that holds nothing says nothing about it.
  if (reads == Reads::kRecord && reply.ByteSizeLong() > 0) {
    const auto* sheet = reply.GetDescriptor()->FindFieldByName("sheet");
    if (sheet == nullptr || !reply.GetReflection()->HasField(reply, sheet)) names.Walk(request);
  }
  return names.Limited();
}

void LogRead(const host::ServiceHost& host, Area where, const char* query,
             const common::v1::Actor& actor, std::vector<v1::RecordAccess::Person> persons,
             absl::Time deadline, std::function<void(grpc::Status)> done) {
  engine::Cell* cell = host.cell(where);
  if (cell == nullptr) return done(rpc::CellNotHosted(kServiceName, where));
  auto command = std::make_shared<v1::Command>();
  v1::RecordAccess* record = command->mutable_record_access();
  record->set_query(query);
  *record->mutable_at() = ToTimestamp(host.clock().Now());
  record->set_actor_id(actor.id().empty() ? "unknown" : actor.id());
  record->set_organisation(actor.organisation());
  *record->mutable_roles() = actor.roles();
  for (v1::RecordAccess::Person& person : persons) *record->add_persons() = std::move(person);
  engine::CommandRequest request;
  request.header.set_command_id(Random::System().Bytes(CommandId::kBytes));
  request.header.mutable_actor()->set_id(kServiceName);
  request.header.mutable_actor()->add_roles("SYS");
  request.command = std::move(command);
  request.deadline = std::min(deadline, host.clock().Now() + kAppendMax);
  cell->Submit(std::move(request), [done = std::move(done)](engine::CommandOutcome outcome) {
    if (const auto* failed = std::get_if<absl::Status>(&outcome.result)) {
      return done(rpc::ToStatus(*failed, kServiceName));
    }
    if (const auto* refused = std::get_if<decider::Rejected>(&outcome.result)) {
      return done(rpc::ToStatus(*refused, kServiceName));
    }
    done(grpc::Status::OK);
  });
}

Area CellOf(const host::ServiceHost& host, const std::string& code) {
  const std::optional<Area> area = Area::FromCode(code);
  return area && host.cell(*area) != nullptr ? *area : Area::Nat();
}

}  // namespace pdp::referral
