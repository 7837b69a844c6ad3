#include "libs/criteria/criteria.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"

namespace pdp::criteria {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

FactValue Code(const char* code) { return std::string(code); }
FactValue Number(int64_t number) { return number; }

Context On(const char* date) {
  Context context;
  context.decided_on = *ParseDate(date);
  return context;
}

TEST(TruthTest, KleenesTables) {
  const Truth values[] = {kTrue, kUnknown, kFalse};
  const Truth both[3][3] = {
      {kTrue, kUnknown, kFalse}, {kUnknown, kUnknown, kFalse}, {kFalse, kFalse, kFalse}};
  const Truth either[3][3] = {
      {kTrue, kTrue, kTrue}, {kTrue, kUnknown, kUnknown}, {kTrue, kUnknown, kFalse}};
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) {
      EXPECT_EQ(And(values[i], values[j]), both[i][j]) << i << j;
      EXPECT_EQ(Or(values[i], values[j]), either[i][j]) << i << j;
    }
  }
  EXPECT_EQ(Not(kTrue), kFalse);
  EXPECT_EQ(Not(kFalse), kTrue);
  EXPECT_EQ(Not(kUnknown), kUnknown);
}

TEST(RuleTest, ComparisonsAreInclusiveAndUnknownFactsSayNothing) {
  struct Case {
    const char* rule;
    FactValue fact;
    Truth expected;
  };
  const Case cases[] = {
      {"ogrs3_bp >= 5000", Number(5000), kTrue},   {"ogrs3_bp >= 5000", Number(4999), kFalse},
      {"ogrs3_bp >= 5000", {}, kUnknown},          {"ogrs3_bp <= 5000", Number(5000), kTrue},
      {"ogrs3_bp > 5000", Number(5000), kFalse},   {"ogrs3_bp < 5000", Number(4999), kTrue},
      {"ogrs3_bp = 5000", Number(5000), kTrue},    {"ogrs3_bp != 5000", Number(5000), kFalse},
      {"not(ogrs3_bp >= 5000)", {}, kUnknown},     {"not(ogrs3_bp = 1)", Number(2), kTrue},
      {"ogrs3_bp in (1, 2)", Number(2), kTrue},    {"ogrs3_bp in (1,2)", Number(12), kFalse},
      {"ogrs3_bp in (1)", {}, kUnknown},
  };
  for (const Case& c : cases) {
    Context context = On("2025-09-01");
    context.facts["ogrs3_bp"] = c.fact;
    EXPECT_EQ(Evaluate(c.rule, context).result, c.expected) << c.rule;
  }
  Context context = On("2025-09-01");
  context.facts["sara"] = Code("HIGH");
  EXPECT_EQ(Evaluate("sara in (MEDIUM, HIGH)", context).result, kTrue);
  EXPECT_EQ(Evaluate("sara in (LOW)", context).result, kFalse);
  EXPECT_EQ(Evaluate("sara != LOW", context).result, kTrue);
}

TEST(RuleTest, AFactOfAnotherTypeIsUnknown) {
  Context context = On("2025-09-01");
  context.facts["age"] = Code("old");
  context.facts["item_2_6"] = Number(9);
  EXPECT_EQ(Evaluate("age >= 18", context).result, kUnknown);
  EXPECT_EQ(Evaluate("sum(item_2_6) >= 2", context).result, kUnknown);
}

// PRG-7: known 4 with one missing is open, known 5 with two missing is met, known 0 with two
// missing cannot be met any more (E6).
TEST(RuleTest, ASumIsDecidedWhenTheMissingPartsCannotChangeIt) {
  const char* const names[] = {"item_2_6",  "item_7_2",  "item_11_4", "item_11_6",
                               "item_11_7", "item_11_9", "item_12_1"};
  const char rule[] =
      "sum(item_2_6, item_7_2, item_11_4, item_11_6, item_11_7, item_11_9, item_12_1) >= 5";
  struct Case {
    std::vector<int> known;
    Truth expected;
  };
  for (const Case& c : std::vector<Case>{{{1, 1, 1, 1, 0, 0}, kUnknown},
                                         {{1, 1, 1, 1, 1}, kTrue},
                                         {{0, 0, 0, 0, 0}, kFalse},
                                         {{1, 1, 1, 1, 1, 0, 0}, kTrue},
                                         {{1, 1, 1, 1, 0, 0, 0}, kFalse}}) {
    Context context = On("2025-09-01");
    for (size_t i = 0; i < c.known.size(); ++i) context.facts[names[i]] = Number(c.known[i]);
    const Evaluation evaluation = Evaluate(rule, context);
    EXPECT_EQ(evaluation.result, c.expected) << c.known.size();
    EXPECT_EQ(evaluation.missing.size(), 7 - c.known.size());
  }
}

// E6: BBR on 2026-09-10 needs eighteen months; months clamp to the month's end (C10).
TEST(RuleTest, MonthsLeft) {
  Context context = On("2026-09-10");
  EXPECT_EQ(Evaluate("months_left >= 18", context).result, kUnknown);
  context.end_on = ParseDate("2028-03-10");
  EXPECT_EQ(Evaluate("months_left >= 18", context).result, kTrue);
  context.end_on = ParseDate("2028-03-09");
  EXPECT_EQ(Evaluate("months_left >= 18", context).result, kFalse);
  context.open_ended = true;
  EXPECT_EQ(Evaluate("months_left >= 18", context).result, kTrue);
  Context clamped = On("2025-08-31");
  clamped.end_on = ParseDate("2026-02-28");
  EXPECT_EQ(Evaluate("months_left >= 6", clamped).result, kTrue);
}

TEST(RuleTest, TheGateIsAskedByRouteAndWithoutOneNothingIsKnown) {
  Context context = On("2025-09-01");
  EXPECT_EQ(Evaluate("gate(TSP)", context).result, kUnknown);
  std::vector<std::string> asked;
  context.gate = [&](absl::string_view route) {
    asked.emplace_back(route);
    return route == "TSP" ? kTrue : kFalse;
  };
  EXPECT_EQ(Evaluate("all(gate(TSP), not(gate(BBR)))", context).result, kTrue);
  EXPECT_THAT(asked, ElementsAre("TSP", "BBR"));
}

TEST(RuleTest, TheTraceIsCompleteEvenWhenTheAnswerIsKnownEarly) {
  Context context = On("2025-09-01");
  context.facts["age"] = Number(17);
  const Evaluation evaluation = Evaluate("all(age >= 18, ogrs3_bp >= 5000, age < 99)", context);
  EXPECT_EQ(evaluation.result, kFalse);
  EXPECT_THAT(evaluation.inputs, ElementsAre("age=17", "ogrs3_bp=?"));
  EXPECT_THAT(evaluation.missing, ElementsAre("ogrs3_bp"));
}

TEST(RuleTest, WhatARuleReads) {
  EXPECT_THAT(*FieldsRead("any(sara = LOW, not(age >= 18), sara = HIGH)"),
              ElementsAre("sara", "age"));
  EXPECT_THAT(*FieldsRead("months_left >= 12"), IsEmpty());
  EXPECT_FALSE(FieldsRead("religion = X").ok());
}

TEST(RuleTest, MalformedRulesSayWhereAndWhy) {
  const std::pair<const char*, const char*> cases[] = {
      {"ethnicity = B1", "unknown fact ethnicity"},
      {"religion = X", "unknown fact religion"},
      {"", "a name or value is missing at 1"},
      {"a text about the person", "unknown fact a"},
      {"age >=", "a name or value is missing at 7"},
      {"age 18", "a comparison is missing"},
      {"age >= 18)", "text after the rule at 10"},
      {"all(age >= 18", "a bracket is missing"},
      {"all()", "a name or value is missing"},
      {"sara in ()", "a name or value is missing"},
      {"sara in HIGH", "name in (...) expected"},
      {"sara = HIHG", "HIHG is no value of sara"},
      {"age = OLD", "OLD is no value of age"},
      {"sex = 1", "1 is no value of sex"},
      {"item_2_6 >= 3", "3 is no value of item_2_6"},
      {"sex > M", "codes are compared by = or != only"},
      {"sum(age) >= 5", "only items are summed"},
      {"sum(item_2_6) = 5", "sum(...) >= n expected"},
      {"months_left = 3", "months_left >= n expected"},
      {"months_left >= 999999", "too many months"},
      {"unknown(age)", "unknown function unknown"},
      {"gate()", "a name or value is missing"},
  };
  for (const auto& [rule, why] : cases) {
    const absl::Status status = CheckRule(rule);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << rule;
    EXPECT_THAT(std::string(status.message()), HasSubstr(why)) << rule;
    EXPECT_THAT(std::string(status.message()), ::testing::StartsWith("CRITERION_INVALID: "));
  }
  std::string deep = "age >= 18";
  for (int i = 0; i < 40; ++i) deep = "not(" + deep + ")";
  EXPECT_THAT(std::string(CheckRule(deep).message()), HasSubstr("nested too deeply"));
}

// REF-12: protected characteristics that no rule may read, whatever a catalogue says.
TEST(DictionaryTest, HoldsNoForbiddenFact) {
  for (const char* name : {"ethnicity", "religion", "sexual_orientation", "marital_status",
                           "pregnancy", "gender_identity", "disability"}) {
    EXPECT_EQ(FindField(name), nullptr) << name;
  }
}

TEST(DictionaryTest, EveryFieldHasOneNameAndItsValues) {
  std::vector<absl::string_view> names;
  for (const Field& field : Fields()) {
    EXPECT_EQ(std::count(names.begin(), names.end(), field.name), 0) << field.name;
    names.push_back(field.name);
    EXPECT_EQ(field.type == Field::Type::kCode, !field.codes.empty()) << field.name;
  }
}

TEST(DictionaryTest, FactsAreCheckedByType) {
  EXPECT_OK(CheckFact("age", Number(44)));
  EXPECT_OK(CheckFact("age", {}));
  EXPECT_OK(CheckFact("sara", Code("HIGH")));
  EXPECT_OK(CheckFact("item_2_6", Number(2)));
  EXPECT_FALSE(CheckFact("item_2_6", Number(3)).ok());
  EXPECT_FALSE(CheckFact("age", Code("44")).ok());
  EXPECT_FALSE(CheckFact("sara", Number(1)).ok());
  EXPECT_FALSE(CheckFact("sara", Code("")).ok());
  EXPECT_FALSE(CheckFact("sara", Code("LOW MEDIUM")).ok());
  EXPECT_FALSE(CheckFact("shoe_size", Number(9)).ok());
}

}  // namespace
}  // namespace pdp::criteria
