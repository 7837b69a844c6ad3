#include "services/referral/nat_reader.h"

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/engine/cell_reader.h"
#include "services/referral/domain/family.h"
#include "services/referral/projections/sentences.h"

namespace pdp::referral {
namespace {

constexpr absl::Duration kViewWait = absl::Seconds(2);

template <typename Request>
void SetAsAt(const AsAt& at, Request* request) {
  if (at.version) request->set_at_version(at.version->value());
  if (at.instant) *request->mutable_as_at() = ToTimestamp(*at.instant);
}

template <typename Reply, typename Request>
absl::StatusOr<Reply> Ask(const projection::Surroundings& host, const char* method,
                          Request request) {
  request.mutable_actor()->set_id("referral");
  request.mutable_actor()->add_roles("SYS");
  ASSIGN_OR_RETURN(
      auto answer,
      host.Ask<Reply>("referral", absl::StrCat("/pdp.referral.v1.ReferralService/", method),
                      request, absl::Seconds(2)));
  if (!answer.ok()) return absl::NotFoundError(answer.refusal);
  return std::move(answer.reply);
}

}  // namespace

absl::StatusOr<v1::GetPersonReply> NatReader::Person(const std::string& crn,
                                                     const common::v1::Position& seen) const {
  common::v1::ReadOptions read;
  if (seen.seq() > 0) *read.add_min_position() = seen;
  if (host_.reader(Area::Nat()) == nullptr) {
    v1::GetPersonRequest request;
    request.set_crn(crn);
    *request.mutable_read() = std::move(read);
    return Ask<v1::GetPersonReply>(host_, "GetPerson", request);
  }
  // A view has passed only what the cell has applied.
  RETURN_IF_ERROR(host_.WaitFor(read, host_.clock().Now() + kViewWait, {Sentences::kName}));
  return PersonHere(crn, 0);
}

absl::StatusOr<v1::GetPersonReply> NatReader::PersonHere(const std::string& crn,
                                                         int depth) const {
  const engine::CellReader* nat = host_.reader(Area::Nat());
  ASSIGN_OR_RETURN(const engine::CellReader::ReadResult read, nat->ReadState(PersonId(crn)));
  v1::GetPersonReply reply;
  *reply.mutable_person() = static_cast<const v1::State&>(*read.state).person();
  // REF-93: any alias reads the root.
  if (!reply.person().merged_into().empty() && depth < kMergeDepthMax) {
    return PersonHere(reply.person().merged_into(), depth + 1);
  }
  reply.set_version(read.version.value());
  reply.set_erased(read.erased || reply.person().status() == v1::PERSON_ERASED);
  std::vector<std::string> family = {crn};
  for (const std::string& alias : reply.person().aliases()) {
    family.push_back(alias);
    ASSIGN_OR_RETURN(const engine::CellReader::ReadResult below, nat->ReadState(PersonId(alias)));
    const v1::Person& merged = static_cast<const v1::State&>(*below.state).person();
    reply.mutable_person()->mutable_slots()->MergeFrom(merged.slots());
    UniteAccess(merged.access(), reply.mutable_person()->mutable_access());
  }
  for (const std::string& one : family) {
    ASSIGN_OR_RETURN(const std::vector<std::string> keys, SentenceKeys(one));
    for (const std::string& key : keys) reply.add_sentence_keys(key);
  }
  return reply;
}

absl::StatusOr<std::vector<std::string>> NatReader::Family(const std::string& crn,
                                                           const common::v1::Position& seen) const {
  ASSIGN_OR_RETURN(const v1::GetPersonReply reply, Person(crn, seen));
  std::vector<std::string> family = {reply.person().crn()};
  family.insert(family.end(), reply.person().aliases().begin(), reply.person().aliases().end());
  return family;
}

absl::StatusOr<v1::GetSentenceReply> NatReader::Sentence(const std::string& sentence_key) const {
  const engine::CellReader* nat = host_.reader(Area::Nat());
  if (nat == nullptr) {
    v1::GetSentenceRequest request;
    request.set_sentence_key(sentence_key);
    return Ask<v1::GetSentenceReply>(host_, "GetSentence", request);
  }
  ASSIGN_OR_RETURN(const engine::CellReader::ReadResult read,
                   nat->ReadState(SentenceId(sentence_key)));
  v1::GetSentenceReply reply;
  *reply.mutable_sentence() = static_cast<const v1::State&>(*read.state).sentence();
  reply.set_version(read.version.value());
  reply.set_erased(read.erased);
  return reply;
}

absl::StatusOr<v1::GetPersonReply> NatReader::PersonAsAt(const std::string& crn,
                                                         const AsAt& at) const {
  const engine::CellReader* nat = host_.reader(Area::Nat());
  if (nat == nullptr) {
    v1::GetPersonRequest request;
    request.set_crn(crn);
    SetAsAt(at, &request);
    return Ask<v1::GetPersonReply>(host_, "GetPerson", request);
  }
  if (at.instant) return PersonThen(crn, *at.instant, 0);
  ASSIGN_OR_RETURN(const engine::Past::State then, StateAsAt(*nat, PersonId(crn), at));
  v1::GetPersonReply reply;
  *reply.mutable_person() = static_cast<const v1::State&>(*then.state).person();
  reply.set_version(then.version.value());
  reply.set_erased(then.erased);
  RETURN_IF_ERROR(AddFamilyThen(crn, then.recorded_at, &reply));
  return reply;
}

absl::StatusOr<v1::GetPersonReply> NatReader::PersonThen(const std::string& crn,
                                                         absl::Time instant, int depth) const {
  const engine::CellReader* nat = host_.reader(Area::Nat());
  ASSIGN_OR_RETURN(const engine::Past::State then, nat->past().At(PersonId(crn), instant));
  v1::GetPersonReply reply;
  *reply.mutable_person() = static_cast<const v1::State&>(*then.state).person();
  if (!reply.person().merged_into().empty() && depth < kMergeDepthMax) {
    return PersonThen(reply.person().merged_into(), instant, depth + 1);
  }
  reply.set_version(then.version.value());
  reply.set_erased(then.erased);
  RETURN_IF_ERROR(AddFamilyThen(crn, instant, &reply));
  return reply;
}

// What is read over the whole family, as it was (REF-93).
absl::Status NatReader::AddFamilyThen(const std::string& crn, absl::Time instant,
                                      v1::GetPersonReply* reply) const {
  const engine::Past past = host_.reader(Area::Nat())->past();
  std::vector<std::string> family = {crn};
  for (const std::string& alias : reply->person().aliases()) {
    ASSIGN_OR_RETURN(const engine::Past::State below, past.At(PersonId(alias), instant));
    const v1::Person& merged = static_cast<const v1::State&>(*below.state).person();
    reply->mutable_person()->mutable_slots()->MergeFrom(merged.slots());
    UniteAccess(merged.access(), reply->mutable_person()->mutable_access());
    family.push_back(alias);
  }
  for (const std::string& one : family) {
    ASSIGN_OR_RETURN(const std::vector<std::string> keys, SentenceKeys(one));
    for (const std::string& key : keys) {
      const auto known = past.At(SentenceId(key), instant);
      if (known.ok()) {
        reply->add_sentence_keys(key);
      } else if (known.status().code() != absl::StatusCode::kNotFound) {
        return known.status();
      }
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::GetSentenceReply> NatReader::SentenceAsAt(const std::string& sentence_key,
                                                             const AsAt& at) const {
  const engine::CellReader* nat = host_.reader(Area::Nat());
  if (nat == nullptr) {
    v1::GetSentenceRequest request;
    request.set_sentence_key(sentence_key);
    SetAsAt(at, &request);
    return Ask<v1::GetSentenceReply>(host_, "GetSentence", request);
  }
  ASSIGN_OR_RETURN(const engine::Past::State then, StateAsAt(*nat, SentenceId(sentence_key), at));
  v1::GetSentenceReply reply;
  *reply.mutable_sentence() = static_cast<const v1::State&>(*then.state).sentence();
  reply.set_version(then.version.value());
  reply.set_erased(then.erased);
  return reply;
}

// Of the view, once it has passed what the cell has applied: no live sentence is missed (REF-42).
absl::StatusOr<std::vector<std::string>> NatReader::SentenceKeys(const std::string& crn) const {
  RETURN_IF_ERROR(host_.CatchUp(Area::Nat(), kViewWait, {Sentences::kName}));
  return SentenceKeysOf(host_.rows(Sentences::kName), crn);
}

absl::StatusOr<v1::NatFacts> NatReader::Facts(const std::string& crn,
                                              const std::string& sentence_key,
                                              const common::v1::Position& seen) const {
  v1::NatFacts facts;
  ASSIGN_OR_RETURN(v1::GetPersonReply person, Person(crn, seen));
  *facts.mutable_person() = std::move(*person.mutable_person());
  facts.set_person_version(person.version());
  for (const std::string& key : person.sentence_keys()) {
    ASSIGN_OR_RETURN(const v1::GetSentenceReply sentence, Sentence(key));
    if (key == sentence_key) {
      *facts.mutable_sentence() = sentence.sentence();
      facts.set_sentence_version(sentence.version());
    }
    if (sentence.sentence().status() == v1::SENTENCE_LIVE) {
      *facts.add_live_sentences() = sentence.sentence();
    }
  }
  return facts;
}

}  // namespace pdp::referral
