#include "services/referral/caseload_check.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/referral/caseload.h"
#include "services/referral/domain/commands.h"
#include "services/referral/domain/domain.h"

namespace pdp::referral {
namespace {

// Whom the parts of a line are tried on when the person of the line cannot be registered.
constexpr char kStandIn[] = "X000000";

class Trial final : public decider::Reader<v1::State> {
 public:
  Trial(const common::v1::Actor& actor, absl::Time now) {
    facts_.recorded_at = facts_.occurred_at = now;
    facts_.actor = actor;
  }

  // nullopt: accepted, and carried out.
  std::optional<Rejected> Decide(const v1::Command& command, Area area) {
    facts_.area = area;
    facts_.command_id = CommandId(absl::StrCat("trial-", ++commands_));
    Unit unit(*this, facts_);
    Verdict verdict = ReferralDomain::Decide(unit, command, facts_);
    if (auto* rejected = std::get_if<Rejected>(&verdict)) return std::move(*rejected);
    for (auto& [id, working] : unit.working()) {
      states_[id] = {std::move(working.state), working.version};
    }
    return std::nullopt;
  }
  const v1::State* Find(const AggregateId& id) const override {
    const auto it = states_.find(id);
    return it == states_.end() ? nullptr : &it->second.first;
  }
  Version VersionOf(const AggregateId& id) const override {
    const auto it = states_.find(id);
    return it == states_.end() ? Version(0) : it->second.second;
  }
  // As whoever may register anybody.
  void RegisterStandIn() {
    common::v1::Actor actor = std::exchange(facts_.actor, {});
    facts_.actor.add_roles("RO");
    v1::Command command;
    v1::RegisterPerson* person = command.mutable_register_person();
    person->set_crn(kStandIn);
    person->mutable_identity()->mutable_name()->set_family("-");
    person->set_home_area("N56");
    (void)Decide(command, Area::Nat());
    facts_.actor = std::move(actor);
  }

 private:
  Facts facts_;
  std::map<AggregateId, std::pair<v1::State, Version>> states_;
  int commands_ = 0;
};

class Check {
 public:
  Check(const v1::CaseloadLine& line, const common::v1::Actor& actor, absl::Time now)
      : line_(line), trial_(actor, now) {}

  std::vector<v1::CaseloadFault> Run(const std::string& home_area) {
    if (!home_area.empty() && line_.person().home_area() != home_area) {
      Add("AREA_MISMATCH", "person.home_area", "the file is of another area");
    }
    std::vector<LineCommand> parts = CommandsOf(line_);
    for (LineCommand& part : parts) {
      if (part.command.has_register_person()) {
        Person(part);
      } else if (Owns(part)) {
        Part(part);
      }
    }
    return std::move(faults_);
  }

 private:
  void Add(absl::string_view code, std::string field, std::string detail) {
    v1::CaseloadFault& fault = faults_.emplace_back();
    fault.set_code(std::string(code));
    fault.set_field(std::move(field));
    fault.set_detail(std::move(detail));
  }
  void AddAll(const LineCommand& part, const Rejected& rejected) {
    if (rejected.violations.empty()) return Add(rejected.reason, part.part, rejected.detail);
    for (const Violation& violation : rejected.violations) {
      Add(violation.code, PathInLine(part, violation.field), violation.detail);
    }
  }

  void Person(const LineCommand& part) {
    crn_ = part.command.register_person().crn();
    const auto refused = trial_.Decide(part.command, Area::Nat());
    if (!refused) return;
    AddAll(part, *refused);
    trial_.RegisterStandIn();
    stand_in_ = true;
  }

  // Every part is of the person of the line; sets the CRN it is tried with.
  bool Owns(LineCommand& part) {
    const auto* access = part.command.GetReflection();
    const auto* set =
        access->GetOneofFieldDescriptor(part.command, v1::Command::descriptor()->oneof_decl(0));
    google::protobuf::Message* body = access->MutableMessage(&part.command, set);
    const auto* field = body->GetDescriptor()->FindFieldByName("crn");
    if (body->GetReflection()->GetString(*body, field) != crn_) {
      Add("CONTRADICTION", PathInLine(part, "crn"), "the line is of another person");
      return false;
    }
    body->GetReflection()->SetString(body, field, stand_in_ ? kStandIn : crn_);
    return true;
  }

  void Part(LineCommand& part) {
    if (part.command.has_register_sentence()) return Sentence(part);
    if (part.command.has_open_referral()) return Referral(part);
    const auto refused = trial_.Decide(part.command, Area::Nat());
    // A person in the community is where everybody is unless said.
    if (refused && refused->reason != "NOTHING_TO_CHANGE") AddAll(part, *refused);
  }

  // The sentence, then each requirement by itself: one that breaks a rule hides no other.
  void Sentence(const LineCommand& part) {
    const v1::RegisterSentence& whole = part.command.register_sentence();
    const auto refused = trial_.Decide(part.command, Area::Nat());
    if (!refused) return;
    v1::Command bare = part.command;
    bare.mutable_register_sentence()->clear_requirements();
    if (!refused->violations.empty() || trial_.Decide(bare, Area::Nat())) {
      return AddAll(part, *refused);
    }
    for (int i = 0; i < whole.requirements_size(); ++i) {
      v1::Command command;
      v1::AddRequirement* add = command.mutable_add_requirement();
      add->set_crn(whole.crn());
      add->set_event_no(whole.event_no());
      *add->mutable_requirement() = whole.requirements(i);
      const auto wrong = trial_.Decide(command, Area::Nat());
      if (wrong) {
        Add(wrong->reason, absl::StrCat(part.part, ".requirements[", i, "]"), wrong->detail);
      }
    }
  }

  void Referral(LineCommand& part) {
    v1::OpenReferral* open = part.command.mutable_open_referral();
    v1::NatFacts* facts = open->mutable_facts();
    if (const v1::State* person = trial_.Find(PersonId(open->crn()))) {
      *facts->mutable_person() = person->person();
    }
    const std::string key = open->sentence_key();
    // With a stand-in the keys of the line are of nobody.
    const std::string tried =
        stand_in_ ? absl::StrCat(kStandIn, key.substr(std::min(key.find('/'), key.size()))) : key;
    const v1::State* sentence = trial_.Find(SentenceId(tried));
    if (sentence != nullptr) *facts->mutable_sentence() = sentence->sentence();
    if (stand_in_) {
      const std::string& requirement = open->requirement_key();
      open->set_sentence_key(tried);
      if (!requirement.empty()) {
        open->set_requirement_key(
            absl::StrCat(kStandIn, requirement.substr(std::min(requirement.find('/'),
                                                               requirement.size()))));
      }
    }
    const auto area =
        Area::FromCode(part.area.empty() ? line_.person().home_area() : part.area);
    if (const auto refused = trial_.Decide(part.command, area.value_or(Area::Nat()))) {
      AddAll(part, *refused);
    }
  }

  const v1::CaseloadLine& line_;
  Trial trial_;
  std::string crn_;
  bool stand_in_ = false;
  std::vector<v1::CaseloadFault> faults_;
};

}  // namespace

std::vector<v1::CaseloadFault> CheckLine(const v1::CaseloadLine& line,
                                         const common::v1::Actor& actor,
                                         const std::string& home_area, absl::Time now) {
  return Check(line, actor, now).Run(home_area);
}

}  // namespace pdp::referral
