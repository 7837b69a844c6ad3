#ifndef PDP_SERVICES_UNPAID_WORK_DOMAIN_CHECKS_H_
#define PDP_SERVICES_UNPAID_WORK_DOMAIN_CHECKS_H_

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/calendar.h"
#include "services/unpaid_work/domain/unpaid_work.h"

// What every command checks before its own rules, in the order of the specification, section 2.

namespace pdp::unpaid_work {

// A local date with a minute of the day, comparable.
struct Moment {
  Date date;
  int minute = 0;
  friend bool operator==(const Moment& a, const Moment& b) = default;
  friend bool operator<(const Moment& a, const Moment& b) {
    return a.date != b.date ? a.date < b.date : a.minute < b.minute;
  }
  friend bool operator<=(const Moment& a, const Moment& b) { return !(b < a); }
  friend bool operator>(const Moment& a, const Moment& b) { return b < a; }
};

// The local date of log time, and of the time the command says it happened.
Date Today(const Facts& facts);
Date OccurredOn(const Facts& facts);
// Local date and minute of log time.
Moment Now(const Facts& facts);
// Of a date that an earlier check or event proved to be one.
Date DateOf(const std::string& text);

// Collects every bad field of a command; unknown codes apart, because they come after.
class Checks {
 public:
  void Require(bool holds, std::string field, std::string detail);
  std::optional<Date> DateField(const std::string& text, std::string field);
  // An id: 1 to 64 printable characters without blanks, '|' and '#'.
  void IdField(const std::string& text, std::string field);
  // Start and end of a day, 0 <= start < end <= 1440.
  void TimesField(int start, int end, std::string field);
  void KnownIn(absl::string_view list, const std::string& code, std::string field);
  void Known(bool known, const std::string& code, std::string field);
  // VALIDATION_FAILED, else UNKNOWN_CODE, else nothing.
  std::optional<Rejected> Failed() const;

 private:
  std::vector<Violation> violations_;
  std::vector<Violation> unknown_;
};

struct Admission {
  AggregateId id;
  bool exists = true;
  std::initializer_list<absl::string_view> roles;
};
// NOT_FOUND, NOT_AUTHORISED, VERSION_CONFLICT, OCCURRED_AT_OUT_OF_RANGE, VALIDATION_FAILED,
// UNKNOWN_CODE; nullopt: go on with the command's own rules.
std::optional<Rejected> Admit(const Unit& unit, const Facts& facts, const Admission& admission,
                              const Checks& checks);
// The same for a command on a case; then CASE_CLOSED.
std::optional<Rejected> AdmitCase(const Unit& unit, const Facts& facts, const std::string& crn,
                                  std::initializer_list<absl::string_view> roles,
                                  const Checks& checks);

bool HasAny(const Facts& facts, std::initializer_list<absl::string_view> roles);
// UPW-77: a supervisor of an organisation sees only what that organisation delivers.
bool SeesOrganisation(const Facts& facts, absl::string_view org);

// One violation a person or row, all with the reason's code.
Rejected RejectAll(std::string reason, std::vector<std::string> subjects,
                   std::string detail = "");

}  // namespace pdp::unpaid_work

#endif  // PDP_SERVICES_UNPAID_WORK_DOMAIN_CHECKS_H_
