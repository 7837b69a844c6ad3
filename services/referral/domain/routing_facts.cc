#include "services/referral/domain/routing_facts.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/hash.h"

namespace pdp::referral {
namespace {

using criteria::FactValue;

FactValue Code(absl::string_view code) {
  return code.empty() ? FactValue() : FactValue(std::string(code));
}
FactValue YesNo(bool known, bool value) {
  return known ? FactValue(std::string(value ? "YES" : "NO")) : FactValue();
}
FactValue Amount(bool known, int64_t value) { return known ? FactValue(value) : FactValue(); }

FactValue LevelCode(v1::Level level) {
  return level == v1::LEVEL_MISSING ? FactValue() : FactValue(v1::Level_Name(level));
}

// YES when any offence is marked, unknown when any is not decided or none is recorded.
FactValue DomesticAbuseIn(const v1::Sentence& sentence) {
  bool unknown = sentence.offences_size() == 0;
  for (const v1::Offence& offence : sentence.offences()) {
    if (offence.domestic_abuse() == v1::MARK_YES) return std::string("YES");
    unknown = unknown || offence.domestic_abuse() == v1::MARK_UNKNOWN;
  }
  return unknown ? FactValue() : FactValue(std::string("NO"));
}

bool IsSource(const RoutingInputs& inputs, const v1::Sentence& other) {
  return other.crn() == inputs.sentence.crn() && other.event_no() == inputs.sentence.event_no();
}

FactValue DomesticAbuseInHistory(const RoutingInputs& inputs) {
  bool unknown = false;
  for (const v1::Sentence& other : inputs.live_sentences) {
    if (IsSource(inputs, other)) continue;
    const FactValue value = DomesticAbuseIn(other);
    if (value == FactValue(std::string("YES"))) return value;
    unknown = unknown || std::holds_alternative<std::monostate>(value);
  }
  return unknown ? FactValue() : FactValue(std::string("NO"));
}

FactValue PartnerSex(const v1::Sentence& sentence) {
  std::string found;
  for (const v1::Offence& offence : sentence.offences()) {
    if (offence.partner_sex().empty()) continue;
    if (offence.domestic_abuse() == v1::MARK_YES) return offence.partner_sex();
    if (found.empty()) found = offence.partner_sex();
  }
  return Code(found);
}

// REF-49: a risk section of unknown or old age says nothing.
bool IsRiskCurrent(const v1::Risk& risk, Date decided_on, const Policy& policy) {
  const std::optional<Date> assessed = ParseDate(risk.assessed_on());
  return assessed && decided_on - *assessed <= policy.Int("risk.max_age_days");
}

void AddRiskFacts(const v1::Risk& risk, criteria::Context& context) {
  auto& facts = context.facts;
  const v1::RiskItems& items = risk.items();
  facts["ogrs3_bp"] = Amount(risk.has_ogrs3_bp(), risk.ogrs3_bp());
  facts["ovp_bp"] = Amount(risk.has_ovp_bp(), risk.ovp_bp());
  facts["sara"] = LevelCode(risk.sara());
  facts["rosh"] = LevelCode(risk.rosh());
  facts["item_2_6"] = Amount(items.has_i2_6(), items.i2_6());
  facts["item_7_2"] = Amount(items.has_i7_2(), items.i7_2());
  facts["item_11_3"] = Amount(items.has_i11_3(), items.i11_3());
  facts["item_11_4"] = Amount(items.has_i11_4(), items.i11_4());
  facts["item_11_6"] = Amount(items.has_i11_6(), items.i11_6());
  facts["item_11_7"] = Amount(items.has_i11_7(), items.i11_7());
  facts["item_11_9"] = Amount(items.has_i11_9(), items.i11_9());
  facts["item_12_1"] = Amount(items.has_i12_1(), items.i12_1());
  facts["tb_rosh"] = YesNo(risk.has_tb_rosh(), risk.tb_rosh());
  facts["att_rosh"] = YesNo(risk.has_att_rosh(), risk.att_rosh());
  facts["acute_mh"] = YesNo(risk.has_acute_mh(), risk.acute_mh());
  facts["substance_stable"] = YesNo(risk.has_substance_stable(), risk.substance_stable());
}

}  // namespace

const v1::Requirement* SourceRequirement(const RoutingInputs& inputs) {
  for (const v1::Requirement& requirement : inputs.sentence.requirements()) {
    if (inputs.requirement_no != 0 && requirement.no() == inputs.requirement_no)
      return &requirement;
  }
  return nullptr;
}

criteria::Context FactsForCriteria(const RoutingInputs& inputs, const Policy& policy) {
  criteria::Context context;
  context.decided_on = inputs.decided_on;
  context.end_on = ParseDate(inputs.sentence.end_on());
  context.open_ended = inputs.sentence.open_ended();
  auto& facts = context.facts;
  const v1::Identity& identity = inputs.person.identity;
  const std::optional<Date> born = ParseDate(identity.date_of_birth());
  facts["age"] = born ? FactValue(int64_t{AgeOn(*born, inputs.decided_on)}) : FactValue();
  const bool decided_sex = identity.sex() == "M" || identity.sex() == "F";
  facts["sex"] = decided_sex ? Code(identity.sex()) : FactValue();
  facts["woman"] = YesNo(!identity.sex().empty() || !identity.gender_identity().empty(),
                         IsWoman(identity, policy));
  facts["learning_difficulty"] = Code(inputs.person.needs.learning_difficulty().screening());
  const v1::Answer reads = inputs.person.needs.reading().reads_simple_sentences();
  facts["reads_simple"] = YesNo(reads == v1::YES || reads == v1::NO, reads == v1::YES);
  facts["partner_sex"] = PartnerSex(inputs.sentence);
  facts["domestic_abuse_index"] = DomesticAbuseIn(inputs.sentence);
  facts["domestic_abuse_history"] = DomesticAbuseInHistory(inputs);
  facts["order_kind"] = Code(inputs.sentence.order_kind());
  if (IsRiskCurrent(inputs.person.risk, inputs.decided_on, policy)) {
    AddRiskFacts(inputs.person.risk, context);
  }
  return context;
}

bool HasDomesticAbuse(const RoutingInputs& inputs) {
  const FactValue yes(std::string("YES"));
  return DomesticAbuseIn(inputs.sentence) == yes || DomesticAbuseInHistory(inputs) == yes;
}

std::string HashInputs(const RoutingInputs& inputs, const criteria::Context& context) {
  std::string text = absl::StrCat("v1|", inputs.line, "|", inputs.need, "|", inputs.category, "|",
                                  FormatDate(inputs.decided_on), "|", inputs.requirement_no, "|",
                                  inputs.proceed_alternative, "|");
  for (const auto& [name, value] : context.facts) {
    absl::StrAppend(&text, name, "=");
    if (const int64_t* number = std::get_if<int64_t>(&value)) absl::StrAppend(&text, *number);
    if (const std::string* code = std::get_if<std::string>(&value)) absl::StrAppend(&text, *code);
    absl::StrAppend(&text, ";");
  }
  absl::StrAppend(&text, "|", inputs.sentence.end_on(), inputs.sentence.open_ended() ? "open" : "",
                  "|", inputs.sentence.order_type(), "|");
  const auto add_sentence = [&text](const v1::Sentence& sentence) {
    for (const v1::Offence& offence : sentence.offences()) {
      absl::StrAppend(&text, offence.code(), ":", offence.sexual(), offence.extremism(),
                      offence.domestic_abuse(), offence.partner_sex(), ";");
    }
    for (const v1::Requirement& requirement : sentence.requirements()) {
      absl::StrAppend(&text, requirement.no(), ":", requirement.kind(), requirement.named_route(),
                      requirement.status(), ";");
    }
    absl::StrAppend(&text, "/");
  };
  add_sentence(inputs.sentence);
  for (const v1::Sentence& sentence : inputs.live_sentences) add_sentence(sentence);
  for (const auto& [version, date] : inputs.estimates)
    absl::StrAppend(&text, version, "@", date, ";");
  absl::StrAppend(&text, "|", absl::StrJoin(inputs.not_suitable, ","));
  return Sha256(text).hex();
}

}  // namespace pdp::referral
