#include "libs/criteria/criteria.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/base/check.h"

namespace pdp::criteria {
namespace {

constexpr int kDepthMax = 16;
constexpr int64_t kMonthsMax = 1200;

Truth Truly(bool value) { return value ? kTrue : kFalse; }

std::string Show(const FactValue& value) {
  if (const int64_t* number = std::get_if<int64_t>(&value)) return absl::StrCat(*number);
  if (const std::string* code = std::get_if<std::string>(&value)) return *code;
  return "?";
}

void AddOnce(std::vector<std::string>& list, std::string text) {
  if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(std::move(text));
}

// Reads and evaluates in one pass. Without a context it only checks.
class Reading {
 public:
  Reading(absl::string_view text, const Context* context)
      : text_(text), rest_(text), context_(context) {}

  absl::Status Run() {
    result_.result = Rule(0);
    Skip();
    if (error_.empty() && !rest_.empty()) Fail("text after the rule");
    return error_.empty() ? absl::OkStatus()
                          : absl::InvalidArgumentError(absl::StrCat("CRITERION_INVALID: ", error_));
  }
  Evaluation Take() { return std::move(result_); }
  std::vector<std::string> TakeFields() { return std::move(fields_); }

 private:
  void Skip() { rest_ = absl::StripLeadingAsciiWhitespace(rest_); }
  void Fail(absl::string_view why) {
    if (error_.empty()) error_ = absl::StrCat(why, " at ", text_.size() - rest_.size() + 1);
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
    if (word.empty()) Fail("a name or value is missing");
    rest_.remove_prefix(size);
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
    AddOnce(result_.inputs, absl::StrCat(name, "=", value));
    if (value == "?") AddOnce(result_.missing, std::string(name));
  }
  // Of a name that is in the dictionary; unknown otherwise.
  FactValue Fact(absl::string_view name) {
    if (FindField(name) == nullptr) {
      Fail(absl::StrCat("unknown fact ", name));
      return {};
    }
    AddOnce(fields_, std::string(name));
    if (context_ == nullptr) return {};
    FactValue value;
    const auto it = context_->facts.find(name);
    // Facts come from outside: one of another type says nothing.
    if (it != context_->facts.end() && CheckFact(name, it->second).ok()) value = it->second;
    Note(name, Show(value));
    return value;
  }
  // A value as the field may have it.
  absl::string_view ValueOf(absl::string_view name) {
    const absl::string_view text = Word();
    const Field* field = FindField(name);
    if (field == nullptr || text.empty()) return text;
    FactValue value{std::string(text)};
    int64_t number = 0;
    if (field->type != Field::Type::kCode && absl::SimpleAtoi(text, &number)) value = number;
    if (const absl::Status status = CheckFact(name, value); !status.ok()) {
      Fail(absl::StrCat(text, " is no value of ", name));
    }
    return text;
  }

  Truth Rule(int depth) {
    if (depth > kDepthMax) Fail("nested too deeply");
    if (!error_.empty()) return kUnknown;
    const absl::string_view word = Word();
    if (!Eat("(")) return word == "months_left" ? MonthsLeft() : Compare(word);
    if (word == "all" || word == "any") return Fold(word == "all", depth);
    if (word == "not") {
      const Truth inner = Rule(depth + 1);
      if (!Eat(")")) Fail("a bracket is missing");
      return Not(inner);
    }
    if (word == "sum") return Sum();
    if (word == "gate") return Gate();
    Fail(absl::StrCat("unknown function ", word));
    return kUnknown;
  }

  Truth Fold(bool all, int depth) {
    Truth folded = Truly(all);
    do {
      const Truth part = Rule(depth + 1);
      folded = all ? And(folded, part) : Or(folded, part);
    } while (error_.empty() && Eat(","));
    if (!Eat(")")) Fail("a bracket is missing");
    return folded;
  }

  // PRG-7, REF-49: decided as soon as the missing parts cannot change the answer.
  Truth Sum() {
    int64_t known = 0, missing = 0;
    do {
      const absl::string_view name = Word();
      const FactValue value = Fact(name);
      const Field* field = FindField(name);
      if (field != nullptr && field->type != Field::Type::kItem) Fail("only items are summed");
      if (const int64_t* part = std::get_if<int64_t>(&value)) {
        known += *part;
      } else {
        ++missing;
      }
    } while (error_.empty() && Eat(","));
    if (!Eat(")") || !Eat(">=")) Fail("sum(...) >= n expected");
    const int64_t least = Number();
    if (known >= least) return kTrue;
    return known + kItemMax * missing < least ? kFalse : kUnknown;
  }

  Truth Gate() {
    const absl::string_view route = Word();
    if (!Eat(")")) Fail("a bracket is missing");
    if (context_ == nullptr) return kUnknown;
    const Truth ruled_out = context_->gate ? context_->gate(route) : kUnknown;
    Note(absl::StrCat("ruled_out_", route), ruled_out == kTrue    ? "YES"
                                            : ruled_out == kFalse ? "NO"
                                                                  : "?");
    return ruled_out;
  }

  Truth MonthsLeft() {
    if (!Eat(">=")) Fail("months_left >= n expected");
    const int64_t months = Number();
    if (months > kMonthsMax) Fail("too many months");
    if (context_ == nullptr || !error_.empty()) return kUnknown;
    if (context_->open_ended) {
      Note("end_on", "open");
      return kTrue;
    }
    Note("end_on", context_->end_on ? FormatDate(*context_->end_on) : "?");
    if (!context_->end_on) return kUnknown;
    return Truly(*context_->end_on >= AddMonths(context_->decided_on, static_cast<int>(months)));
  }

  Truth In(absl::string_view name, const FactValue& fact) {
    bool found = false;
    do {
      found = ValueOf(name) == Show(fact) || found;
    } while (error_.empty() && Eat(","));
    if (!Eat(")")) Fail("a bracket is missing");
    return std::holds_alternative<std::monostate>(fact) ? kUnknown : Truly(found);
  }

  Truth Compare(absl::string_view name) {
    const FactValue fact = Fact(name);
    if (Eat("in")) {
      if (!Eat("(")) Fail("name in (...) expected");
      return In(name, fact);
    }
    const absl::string_view op = Operator();
    const absl::string_view text = ValueOf(name);
    const Field* field = FindField(name);
    if (field != nullptr && field->type == Field::Type::kCode && op != "=" && op != "!=") {
      Fail("codes are compared by = or != only");
    }
    if (std::holds_alternative<std::monostate>(fact)) return kUnknown;
    if (const std::string* code = std::get_if<std::string>(&fact)) {
      const bool equal = absl::string_view(*code) == text;
      return Truly(op == "!=" ? !equal : equal);
    }
    const int64_t value = std::get<int64_t>(fact);
    int64_t number = 0;
    (void)absl::SimpleAtoi(text, &number);  // ValueOf has read it as a number
    if (op == "=") return Truly(value == number);
    if (op == "!=") return Truly(value != number);
    if (op == ">=") return Truly(value >= number);
    if (op == "<=") return Truly(value <= number);
    return Truly(op == ">" ? value > number : value < number);
  }

  const absl::string_view text_;
  absl::string_view rest_;
  const Context* context_;
  Evaluation result_;
  std::vector<std::string> fields_;
  std::string error_;
};

}  // namespace

Truth And(Truth a, Truth b) {
  if (a == kFalse || b == kFalse) return kFalse;
  return a == kTrue && b == kTrue ? kTrue : kUnknown;
}
Truth Or(Truth a, Truth b) { return Not(And(Not(a), Not(b))); }
Truth Not(Truth a) { return a == kUnknown ? a : Truly(a == kFalse); }

absl::Status CheckRule(absl::string_view rule) { return Reading(rule, nullptr).Run(); }

absl::StatusOr<std::vector<std::string>> FieldsRead(absl::string_view rule) {
  Reading reading(rule, nullptr);
  if (absl::Status status = reading.Run(); !status.ok()) return status;
  return reading.TakeFields();
}

Evaluation Evaluate(absl::string_view rule, const Context& context) {
  Reading reading(rule, &context);
  PDP_CHECK(reading.Run().ok(), "a rule is checked before it is evaluated");
  return reading.Take();
}

}  // namespace pdp::criteria
