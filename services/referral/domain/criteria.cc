#include "services/referral/domain/criteria.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/base/check.h"

namespace pdp::referral {
namespace {

constexpr std::array<absl::string_view, 24> kInputs = {
    "age",          "sex",          "woman",           "ogrs3_bp",
    "ovp_bp",       "sara",         "rosh",            "item_2_6",
    "item_7_2",     "item_11_3",    "item_11_4",       "item_11_6",
    "item_11_7",    "item_11_9",    "item_12_1",       "tb_rosh",
    "att_rosh",     "acute_mh",     "substance_stable", "learning_difficulty",
    "reads_simple", "partner_sex",  "domestic_abuse_index", "domestic_abuse_history"};
constexpr absl::string_view kOrderKind = "order_kind";
constexpr int kItemMax = 2;
constexpr int kDepthMax = 16;

v1::Truth Truly(bool value) { return value ? v1::TRUTH_TRUE : v1::TRUTH_FALSE; }

std::string Show(const FactValue& value) {
  if (const int64_t* number = std::get_if<int64_t>(&value)) return absl::StrCat(*number);
  if (const std::string* code = std::get_if<std::string>(&value)) return *code;
  return "?";
}

// Reads and evaluates in one pass. Without a context it only checks.
class Reading {
 public:
  Reading(absl::string_view text, const CriteriaContext* context)
      : rest_(text), context_(context) {}

  absl::Status Run() {
    result_.result = Rule(0);
    Skip();
    if (error_.empty() && !rest_.empty()) Fail("text after the rule");
    return error_.empty() ? absl::OkStatus()
                          : absl::InvalidArgumentError(absl::StrCat("CRITERION_INVALID: ", error_));
  }
  Evaluation Take() { return std::move(result_); }

 private:
  void Skip() { rest_ = absl::StripLeadingAsciiWhitespace(rest_); }
  void Fail(absl::string_view why) {
    if (error_.empty()) error_ = absl::StrCat(why, " at \"", rest_.substr(0, 20), "\"");
  }
  bool Eat(absl::string_view token) {
    Skip();
    if (rest_.substr(0, token.size()) != token) return false;
    rest_.remove_prefix(token.size());
    return true;
  }
  absl::string_view Word() {
    Skip();
    size_t size = 0;
    while (size < rest_.size() && (absl::ascii_isalnum(rest_[size]) || rest_[size] == '_')) ++size;
    const absl::string_view word = rest_.substr(0, size);
    rest_.remove_prefix(size);
    if (word.empty()) Fail("a name or value is missing");
    return word;
  }
  int64_t Number() {
    const absl::string_view word = Word();
    int64_t value = 0;
    if (!absl::SimpleAtoi(word, &value)) Fail("a number is missing");
    return value;
  }
  absl::string_view Operator() {
    for (const absl::string_view op : {">=", "<=", "!=", "=", ">", "<"}) {
      if (Eat(op)) return op;
    }
    Fail("a comparison is missing");
    return "=";
  }
  void Note(absl::string_view name, absl::string_view value) {
    const std::string input = absl::StrCat(name, "=", value);
    if (std::find(result_.inputs.begin(), result_.inputs.end(), input) == result_.inputs.end()) {
      result_.inputs.push_back(input);
    }
  }
  FactValue Fact(absl::string_view name) {
    if (!IsCriterionInput(name)) Fail(absl::StrCat("unknown fact ", name));
    FactValue value;
    if (context_ != nullptr) {
      const auto it = context_->facts.find(name);
      if (it != context_->facts.end()) value = it->second;
      Note(name, Show(value));
    }
    return value;
  }

  v1::Truth Rule(int depth) {
    if (depth > kDepthMax) Fail("nested too deeply");
    if (!error_.empty()) return v1::TRUTH_UNKNOWN;
    const absl::string_view word = Word();
    if (!Eat("(")) return word == "months_left" ? MonthsLeft() : Compare(word);
    if (word == "all" || word == "any") return Fold(word == "all", depth);
    if (word == "not") {
      const v1::Truth inner = Rule(depth + 1);
      if (!Eat(")")) Fail("a bracket is missing");
      return Not(inner);
    }
    if (word == "sum") return Sum();
    if (word == "gate") return Gate();
    Fail(absl::StrCat("unknown function ", word));
    return v1::TRUTH_UNKNOWN;
  }

  v1::Truth Fold(bool all, int depth) {
    v1::Truth folded = Truly(all);
    do {
      const v1::Truth part = Rule(depth + 1);
      folded = all ? And(folded, part) : Or(folded, part);
    } while (error_.empty() && Eat(","));
    if (!Eat(")")) Fail("a bracket is missing");
    return folded;
  }

  // REF-49: decided as soon as the missing parts cannot change the answer.
  v1::Truth Sum() {
    int64_t known = 0, missing = 0;
    do {
      const FactValue value = Fact(Word());
      if (const int64_t* part = std::get_if<int64_t>(&value)) {
        known += *part;
      } else {
        ++missing;
      }
    } while (error_.empty() && Eat(","));
    if (!Eat(")") || !Eat(">=")) Fail("sum(...) >= n expected");
    const int64_t least = Number();
    if (known >= least) return v1::TRUTH_TRUE;
    return known + kItemMax * missing < least ? v1::TRUTH_FALSE : v1::TRUTH_UNKNOWN;
  }

  v1::Truth Gate() {
    const absl::string_view route = Word();
    if (!Eat(")")) Fail("a bracket is missing");
    if (context_ == nullptr || !context_->gate) return v1::TRUTH_UNKNOWN;
    const v1::Truth ruled_out = context_->gate(route);
    Note(absl::StrCat("ruled_out_", route), ruled_out == v1::TRUTH_TRUE    ? "YES"
                                            : ruled_out == v1::TRUTH_FALSE ? "NO"
                                                                           : "?");
    return ruled_out;
  }

  v1::Truth MonthsLeft() {
    if (!Eat(">=")) Fail("months_left >= n expected");
    const int64_t months = Number();
    if (context_ == nullptr) return v1::TRUTH_UNKNOWN;
    if (context_->open_ended) {
      Note("end_on", "open");
      return v1::TRUTH_TRUE;
    }
    Note("end_on", context_->end_on ? FormatDate(*context_->end_on) : "?");
    if (!context_->end_on) return v1::TRUTH_UNKNOWN;
    return Truly(*context_->end_on >= AddMonths(context_->decided_on, static_cast<int>(months)));
  }

  v1::Truth Compare(absl::string_view name) {
    const FactValue fact = Fact(name);
    const absl::string_view op = Operator();
    const absl::string_view text = Word();
    int64_t number = 0;
    const bool numeric = absl::SimpleAtoi(text, &number);
    if (!numeric && op != "=" && op != "!=") Fail("codes are compared by = or != only");
    if (std::holds_alternative<std::monostate>(fact)) return v1::TRUTH_UNKNOWN;
    if (const std::string* code = std::get_if<std::string>(&fact)) {
      const bool equal = absl::string_view(*code) == text;
      return Truly(op == "!=" ? !equal : equal);
    }
    const int64_t value = std::get<int64_t>(fact);
    if (op == "=") return Truly(value == number);
    if (op == "!=") return Truly(value != number);
    if (op == ">=") return Truly(value >= number);
    if (op == "<=") return Truly(value <= number);
    return Truly(op == ">" ? value > number : value < number);
  }

  absl::string_view rest_;
  const CriteriaContext* context_;
  Evaluation result_;
  std::string error_;
};

}  // namespace

v1::Truth And(v1::Truth a, v1::Truth b) {
  if (a == v1::TRUTH_FALSE || b == v1::TRUTH_FALSE) return v1::TRUTH_FALSE;
  return a == v1::TRUTH_TRUE && b == v1::TRUTH_TRUE ? v1::TRUTH_TRUE : v1::TRUTH_UNKNOWN;
}
v1::Truth Or(v1::Truth a, v1::Truth b) { return Not(And(Not(a), Not(b))); }
v1::Truth Not(v1::Truth a) {
  if (a == v1::TRUTH_UNKNOWN) return a;
  return Truly(a == v1::TRUTH_FALSE);
}

bool IsCriterionInput(absl::string_view name) {
  return name == kOrderKind || std::find(kInputs.begin(), kInputs.end(), name) != kInputs.end();
}

absl::Status CheckRule(absl::string_view rule) { return Reading(rule, nullptr).Run(); }

Evaluation Evaluate(absl::string_view rule, const CriteriaContext& context) {
  Reading reading(rule, &context);
  PDP_CHECK(reading.Run().ok(), "a rule is checked before it is evaluated");
  return reading.Take();
}

}  // namespace pdp::referral
