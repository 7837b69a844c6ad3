#include "services/referral/subject_reader.h"

#include <algorithm>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/base/timestamp.h"
#include "libs/engine/cell.h"
#include "libs/engine/past.h"
#include "libs/rpc/client.h"
#include "pdp/referral/v1/service.grpc.pb.h"
#include "services/referral/domain/export_classes.h"
#include "services/referral/domain/family.h"
#include "services/referral/projections/access_log.h"
#include "services/referral/projections/cases.h"
#include "services/referral/projections/sentences.h"
#include "services/referral/query_access.h"

namespace pdp::referral {
namespace {

constexpr size_t kReferralsMax = 1'000;
constexpr size_t kReadsMax = 100'000;
// A section is one message of a stream.
constexpr int kEntriesMax = 400;
constexpr absl::Duration kViewWait = absl::Seconds(10);
constexpr absl::Duration kAsk = absl::Seconds(60);

bool IsWithin(Seq seq, uint64_t last) { return last == 0 || seq.value() <= last; }

const google::protobuf::Message& BodyOf(const google::protobuf::Message& event) {
  const auto* which = event.GetReflection()->GetOneofFieldDescriptor(
      event, v1::Event::descriptor()->oneof_decl(0));
  return event.GetReflection()->GetMessage(event, which);
}

v1::BundleEntry EntryOf(const engine::Past::Step& step) {
  v1::BundleEntry entry;
  *entry.mutable_occurred_at() = ToTimestamp(step.occurred_at);
  entry.set_event(step.recorded.type());
  entry.set_version(step.version.value());
  entry.set_erased(step.erased);
  for (v1::BundleField& field : ExportFields(BodyOf(step.event))) {
    *entry.add_fields() = std::move(field);
  }
  return entry;
}

// Collects sections, cut where one grows too long.
class Sections {
 public:
  explicit Sections(Area area) : area_(area) {}
  void Begin(std::string title) {
    title_ = std::move(title);
    open_ = false;
  }
  void Add(v1::BundleEntry entry) {
    if (!open_ || all_.back().entries_size() == kEntriesMax) {
      v1::BundleSection& section = all_.emplace_back();
      section.set_title(title_);
      section.set_area(std::string(area_.code()));
      open_ = true;
    }
    *all_.back().add_entries() = std::move(entry);
  }
  std::vector<v1::BundleSection> Take() { return std::move(all_); }

 private:
  const Area area_;
  std::string title_;
  bool open_ = false;
  std::vector<v1::BundleSection> all_;
};

absl::Status AddHistory(const engine::Cell& cell, const AggregateId& id, uint64_t last,
                        Sections* sections) {
  const absl::Status read = cell.past().ForEach(id, [&](const engine::Past::Step& step) {
    if (!IsWithin(step.seq, last)) return false;
    sections->Add(EntryOf(step));
    return true;
  });
  return absl::IsNotFound(read) ? absl::OkStatus() : read;
}

// Who has read the person's record (REF-91); the reader's name is somebody else's.
absl::Status AddReads(const host::ServiceHost& host, Area area, const std::string& crn,
                      uint64_t last, Sections* sections) {
  v1::AccessLogEntry row;
  return host.rows(AccessLog::kName)
      .Scan(area, {.prefix = AccessLog::PersonPrefix(crn), .limit = kReadsMax}, &row,
            [&](absl::string_view, bool) {
              if (!IsWithin(Seq(row.seq()), last)) return true;
              v1::AccessRecorded read;
              read.set_crn(row.crn());
              read.set_referral_id(row.referral_id());
              read.set_query(row.query());
              *read.mutable_at() = row.at();
              read.set_actor_id(row.actor_id());
              read.set_organisation(row.organisation());
              *read.mutable_roles() = row.roles();
              v1::BundleEntry entry;
              *entry.mutable_occurred_at() = row.at();
              entry.set_event("AccessRecorded");
              for (v1::BundleField& field : ExportFields(read)) {
                *entry.add_fields() = std::move(field);
              }
              sections->Add(std::move(entry));
              return true;
            });
}

// The person's referrals of one area as opened, in the order of their ids.
absl::StatusOr<std::vector<v1::CaseRow>> ReferralsOf(const host::ServiceHost& host, Area area,
                                                     const std::vector<std::string>& crns) {
  RETURN_IF_ERROR(host.CatchUp(area, kViewWait, {Cases::kName, AccessLog::kName}));
  const projection::RowReader& rows = host.rows(Cases::kName);
  std::vector<std::string> ids;
  for (const std::string& crn : crns) {
    ASSIGN_OR_RETURN(const auto more, ReferralIdsOf(rows, area, crn, kReferralsMax));
    ids.insert(ids.end(), more.begin(), more.end());
  }
  std::sort(ids.begin(), ids.end());
  v1::CaseRow row;
  std::vector<v1::CaseRow> found;
  for (const std::string& id : ids) {
    ASSIGN_OR_RETURN(const bool known, rows.Get(area, Cases::RowKey(id), &row));
    if (known) found.push_back(row);
  }
  return found;
}

}  // namespace

absl::StatusOr<v1::AreaSubjectReply> ReadArea(const host::ServiceHost& host, Area area,
                                              const std::vector<std::string>& crns, uint64_t seq,
                                              bool facts_only) {
  const engine::Cell& cell = *host.cell(area);
  v1::AreaSubjectReply reply;
  reply.set_seq(seq == 0 ? cell.position().seq() : seq);
  ASSIGN_OR_RETURN(const std::vector<v1::CaseRow> referrals, ReferralsOf(host, area, crns));
  Sections sections(area);
  for (const v1::CaseRow& row : referrals) {
    v1::ReferralFact fact;
    fact.set_referral_id(row.referral_id());
    fact.set_area(std::string(area.code()));
    fact.set_state(row.state());
    fact.set_since_on(row.since_on());
    fact.set_holder_org(row.org());
    if (row.state() == v1::MOVED) {
      ASSIGN_OR_RETURN(const engine::Cell::ReadResult read,
                       cell.ReadState(ReferralId(row.referral_id())));
      const auto& state = static_cast<const v1::State&>(*read.state);
      fact.set_to_area(state.referral().transfer().to_area());
    }
    *reply.add_referrals() = std::move(fact);
    if (facts_only) continue;
    sections.Begin(absl::StrCat("Referral ", row.reference()));
    RETURN_IF_ERROR(AddHistory(cell, ReferralId(row.referral_id()), reply.seq(), &sections));
  }
  if (!facts_only) {
    sections.Begin("Access log");
    for (const std::string& crn : crns) {
      RETURN_IF_ERROR(AddReads(host, area, crn, reply.seq(), &sections));
    }
  }
  for (v1::BundleSection& section : sections.Take()) *reply.add_sections() = std::move(section);
  return reply;
}

absl::StatusOr<std::vector<std::string>> SubjectReader::FamilyAt(const std::string& crn,
                                                                 uint64_t nat_seq) const {
  const engine::Cell& nat = *host_.cell(Area::Nat());
  std::string at = crn;
  for (int depth = 0; depth <= kMergeDepthMax; ++depth) {
    v1::Person person;
    RETURN_IF_ERROR(nat.past().ForEach(PersonId(at), [&](const engine::Past::Step& step) {
      if (!IsWithin(step.seq, nat_seq)) return false;
      person = static_cast<const v1::State&>(step.after).person();
      return true;
    }));
    if (person.merged_into().empty()) {
      std::vector<std::string> family = {at};
      family.insert(family.end(), person.aliases().begin(), person.aliases().end());
      return family;
    }
    at = person.merged_into();
  }
  return absl::InternalError("the merges of a person lead round in a circle");
}

absl::StatusOr<std::vector<std::string>> SubjectReader::SentencesOf(const std::string& crn) const {
  RETURN_IF_ERROR(host_.CatchUp(Area::Nat(), kViewWait, {Sentences::kName, AccessLog::kName}));
  return SentenceKeysOf(host_.rows(Sentences::kName), crn);
}

absl::StatusOr<std::vector<v1::BundleSection>> SubjectReader::NatSections(
    const std::vector<std::string>& family, uint64_t nat_seq) const {
  const engine::Cell& nat = *host_.cell(Area::Nat());
  Sections sections(Area::Nat());
  for (const std::string& crn : family) {
    sections.Begin(absl::StrCat("Person ", crn));
    RETURN_IF_ERROR(AddHistory(nat, PersonId(crn), nat_seq, &sections));
    ASSIGN_OR_RETURN(const std::vector<std::string> keys, SentencesOf(crn));
    for (const std::string& key : keys) {
      sections.Begin(absl::StrCat("Sentence ", key));
      RETURN_IF_ERROR(AddHistory(nat, SentenceId(key), nat_seq, &sections));
    }
  }
  sections.Begin("Access log");
  for (const std::string& crn : family) {
    RETURN_IF_ERROR(AddReads(host_, Area::Nat(), crn, nat_seq, &sections));
  }
  return sections.Take();
}

absl::StatusOr<v1::AreaSubjectReply> SubjectReader::Ask(
    const v1::AreaSubjectRequest& request) const {
  const std::optional<Area> area = Area::FromCode(request.area());
  if (!area) return absl::InternalError(absl::StrCat(request.area(), " is no area"));
  if (host_.cell(*area) != nullptr) {
    return ReadArea(host_, *area, {request.crns().begin(), request.crns().end()}, request.seq(),
                    request.facts_only());
  }
  ASSIGN_OR_RETURN(auto answer,
                   (rpc::Caller(kAsk).Call<v1::ReferralService, v1::AreaSubjectReply>(
                       host_.peer("referral"), &v1::ReferralService::Stub::AreaSubject, request)));
  if (!answer.ok()) {
    return absl::UnavailableError(
        absl::StrCat("area ", request.area(), " cannot be asked: ", answer.reason()));
  }
  return std::move(answer.reply);
}

absl::StatusOr<std::map<std::string, v1::AreaSubjectReply>> SubjectReader::Areas(
    const std::vector<std::string>& family, const Positions& positions, bool facts_only) const {
  const auto nat_position = positions.find("NAT");
  const uint64_t nat_seq = nat_position == positions.end() ? 0 : nat_position->second;
  const engine::Cell& nat = *host_.cell(Area::Nat());
  std::set<std::string> open;
  for (const std::string& crn : family) {
    ASSIGN_OR_RETURN(const std::vector<std::string> keys, SentencesOf(crn));
    for (const std::string& key : keys) {
      RETURN_IF_ERROR(nat.past().ForEach(SentenceId(key), [&](const engine::Past::Step& step) {
        if (!IsWithin(step.seq, nat_seq)) return false;
        open.insert(static_cast<const v1::State&>(step.after).sentence().area());
        return true;
      }));
    }
  }
  std::map<std::string, v1::AreaSubjectReply> areas;
  while (!open.empty()) {
    const std::string code = *open.begin();
    open.erase(open.begin());
    if (areas.contains(code) || !Area::FromCode(code) || code == "NAT") continue;
    v1::AreaSubjectRequest request;
    request.set_area(code);
    for (const std::string& crn : family) request.add_crns(crn);
    const auto given = positions.find(code);
    request.set_seq(given == positions.end() ? 0 : given->second);
    request.set_facts_only(facts_only);
    request.mutable_actor()->set_id("referral");
    request.mutable_actor()->add_roles("SYS");
    ASSIGN_OR_RETURN(v1::AreaSubjectReply reply, Ask(request));
    for (const v1::ReferralFact& fact : reply.referrals()) {
      if (!fact.to_area().empty()) open.insert(fact.to_area());
    }
    areas.emplace(code, std::move(reply));
  }
  return areas;
}

}  // namespace pdp::referral
