#include "services/referral/caseload.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/deterministic_bytes.h"
#include "libs/base/hash.h"

namespace pdp::referral {
namespace {

using google::protobuf::FieldDescriptor;

constexpr char kReason[] = "as in the caseload file";

// REF-1, whatever else is wrong with it.
std::string Trimmed(const std::string& crn) {
  return absl::AsciiStrToUpper(absl::StripAsciiWhitespace(crn));
}

class Parts {
 public:
  explicit Parts(const v1::CaseloadLine& line)
      : line_(line), crn_(Trimmed(line.person().crn())) {}

  std::vector<LineCommand> Take() {
    *Add("person", "", "person.").mutable_register_person() = line_.person();
    parts_.back().command.mutable_register_person()->set_crn(crn_);
    AddAccess();
    AddNeeds();
    if (line_.has_risk()) {
      auto* risk = Add("risk", "risk", "risk").mutable_record_risk();
      risk->set_crn(crn_);
      *risk->mutable_risk() = line_.risk();
    }
    if (line_.has_responsible_officer()) {
      auto* officer = Add("responsible_officer", "officer", "responsible_officer")
                          .mutable_set_responsible_officer();
      officer->set_crn(crn_);
      *officer->mutable_officer() = line_.responsible_officer();
    }
    if (line_.has_location()) {
      auto* location = Add("location", "location", "location").mutable_set_location();
      location->set_crn(crn_);
      *location->mutable_location() = line_.location();
    }
    for (int i = 0; i < line_.sentences_size(); ++i) {
      *Row("sentences", i).mutable_register_sentence() = Owned(line_.sentences(i));
    }
    for (int i = 0; i < line_.requirement_ends_size(); ++i) {
      *Row("requirement_ends", i).mutable_end_requirement() = Owned(line_.requirement_ends(i));
    }
    for (int i = 0; i < line_.sentence_ends_size(); ++i) {
      *Row("sentence_ends", i).mutable_end_sentence() = Owned(line_.sentence_ends(i));
    }
    for (int i = 0; i < line_.referrals_size(); ++i) {
      v1::OpenReferral referral = Owned(line_.referrals(i));
      referral.clear_facts();
      v1::Command& command = Row("referrals", i);
      parts_.back().area = AreaOf(referral.sentence_key());
      *command.mutable_open_referral() = std::move(referral);
    }
    if (!line_.died_on().empty()) {
      auto* death = Add("died_on", "died_on", "died_on").mutable_record_death();
      death->set_crn(crn_);
      death->set_died_on(line_.died_on());
    }
    return std::move(parts_);
  }

 private:
  v1::Command& Add(std::string part, std::string own, std::string in_line) {
    parts_.push_back({.command = {},
                      .area = "NAT",
                      .part = std::move(part),
                      .own = std::move(own),
                      .in_line = std::move(in_line)});
    return parts_.back().command;
  }
  v1::Command& Row(absl::string_view list, int index) {
    const std::string part = absl::StrCat(list, "[", index, "]");
    return Add(part, "", part + ".");
  }
  template <typename T>
  T Owned(T row) const {
    row.set_crn(row.crn().empty() ? crn_ : Trimmed(row.crn()));
    return row;
  }

  std::string AreaOf(const std::string& sentence_key) const {
    for (const v1::RegisterSentence& sentence : line_.sentences()) {
      if (absl::StrCat(crn_, "/", sentence.event_no()) == sentence_key) return sentence.area();
    }
    return "";
  }

  void AddAccess() {
    const auto restrict_to = [this](const char* list, const char* part, const auto& entries) {
      if (entries.empty()) return;
      auto* access = Add(part, "entries", part).mutable_restrict_access();
      access->set_crn(crn_);
      access->set_list(list);
      *access->mutable_entries() = entries;
      access->set_reason(kReason);
    };
    restrict_to("EXCLUDED", "access.excluded", line_.access().excluded());
    restrict_to("RESTRICTED", "access.restricted", line_.access().restricted());
    if (line_.access().cleared().empty()) return;
    auto* access = Add("access.cleared", "entries", "access.cleared").mutable_clear_for_access();
    access->set_crn(crn_);
    *access->mutable_entries() = line_.access().cleared();
    access->set_reason(kReason);
  }

  // RecordNeeds takes one section at a time (REF-2).
  void AddNeeds() {
    std::vector<const FieldDescriptor*> fields;
    line_.needs().GetReflection()->ListFields(line_.needs(), &fields);
    for (const FieldDescriptor* field : fields) {
      auto* needs =
          Add(absl::StrCat("needs.", field->name()), "answers", "needs").mutable_record_needs();
      needs->set_crn(crn_);
      needs->set_source("RO");
      v1::Needs* answers = needs->mutable_answers();
      answers->GetReflection()->MutableMessage(answers, field)->CopyFrom(
          line_.needs().GetReflection()->GetMessage(line_.needs(), field));
    }
  }

  const v1::CaseloadLine& line_;
  const std::string crn_;
  std::vector<LineCommand> parts_;
};

}  // namespace

std::vector<LineCommand> CommandsOf(const v1::CaseloadLine& line) { return Parts(line).Take(); }

std::string PathInLine(const LineCommand& command, absl::string_view field) {
  if (field.empty()) return command.part;
  if (!absl::StartsWith(field, command.own)) return absl::StrCat(command.part, ".", field);
  return absl::StrCat(command.in_line, field.substr(command.own.size()));
}

std::string CommandIdOf(const LineCommand& command) {
  const std::string step = absl::StrCat(command.area, "/", command.part, "/",
                                        Sha256(DeterministicBytes(command.command)).hex());
  return std::string(DerivedCommandId("caseload", step).bytes());
}

}  // namespace pdp::referral
