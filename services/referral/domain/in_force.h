#ifndef PDP_SERVICES_REFERRAL_DOMAIN_IN_FORCE_H_
#define PDP_SERVICES_REFERRAL_DOMAIN_IN_FORCE_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/calendar.h"
#include "services/referral/domain/domain.h"

// Which version of the published rules counts (interfaces, C10 and C11): policy rows, code lists
// and the calendar as NAT published them, over those that are shipped.
namespace pdp::referral {

inline constexpr char kPolicySettings[] = "policy";
inline constexpr char kCalendarSettings[] = "calendar";
inline constexpr char kCodesSettings[] = "codes/";

inline AggregateId SettingsId(absl::string_view name) { return AggregateId("settings", name); }

// The rules that this thread decides by, as long as it lives: PolicyNow, FindCode and the functions
// of working_days.h ask it, so that rules deep down need not be handed the state of the cell. Every
// decision makes one over its unit; outside of any the shipped rules count. Scopes nest.
class RulesInForce {
 public:
  // What was published under a name; nullptr: nothing. The pointer stays valid as long as this.
  using LookUp = std::function<const v1::Settings*(absl::string_view name)>;

  RulesInForce(LookUp look_up, Date today);
  RulesInForce(const Unit& unit, Date today);
  ~RulesInForce();
  RulesInForce(const RulesInForce&) = delete;
  RulesInForce& operator=(const RulesInForce&) = delete;

  // Rows with a later effective_from come into force by themselves.
  static const common::v1::PolicySet& Policies();
  // nullptr: the shipped one.
  static const v1::BankHolidays* Calendar();
  static const v1::CodeList* Codes(absl::string_view name);

  // The calendar as working-day arithmetic reads it, day by day: looked up once for as long as this
  // lives, in which no version comes into force.
  struct Days {
    std::string version;
    Date first, last;
    // Ascending.
    std::vector<Date> holidays;
  };
  // nullptr: the shipped one.
  static const Days* CalendarDays();

 private:
  const Days* ReadDays() const;

  const LookUp look_up_;
  const Date today_;
  const RulesInForce* const outer_;
  // Of one thread: filled when first asked for.
  mutable bool days_known_ = false;
  mutable std::optional<Days> days_;
};

// The newest version that counts on a day; nullptr: none.
const v1::PublishedVersion* VersionOn(const v1::Settings& settings, Date day);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_DOMAIN_IN_FORCE_H_
