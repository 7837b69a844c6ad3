#include "services/programmes/waiting.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "services/programmes/domain/catalogue.h"
#include "services/programmes/domain/waiting.h"

namespace pdp::programmes {
namespace {

constexpr int kRedDays = 28;       // wait.red_days
constexpr int kAmberDays = 84;     // wait.amber_days
constexpr int kReplanDays = 28;    // opt.replan_days
constexpr int kRiskUnknown = 2;    // PRG-25: RoSH LOW 1 .. VERY_HIGH 4, unknown 2
constexpr int kDaysMax = 99'999;

}  // namespace

Urgency UrgencyOf(std::optional<Date> latest_start, Date today) {
  if (!latest_start) return {};
  const int left = static_cast<int>(*latest_start - today);
  if (left < 0) return {v1::WAIT_TOO_LATE, 2};
  Urgency urgency;
  urgency.bucket = left < kReplanDays ? 0 : 1;
  urgency.flag = left < kRedDays     ? v1::WAIT_RED
                 : left < kAmberDays ? v1::WAIT_AMBER
                                     : v1::WAIT_GREEN;
  return urgency;
}

v1::WaitingRow MakeWaiting(const v1::EnrolmentRow& row, Date today) {
  v1::WaitingRow waiting;
  *waiting.mutable_enrolment() = row;
  std::optional<Date> latest;
  if (const v1::ProgrammeVersion* version = FindVersion(row.version_ref())) {
    latest = LatestStart(*version, row.order_end());
  }
  if (latest) waiting.set_latest_start(FormatDate(*latest));
  const Urgency urgency = UrgencyOf(latest, today);
  waiting.set_flag(urgency.flag);
  waiting.set_bucket(urgency.bucket);
  v1::Enrolment clock;
  clock.set_received_on(row.received_on());
  *clock.mutable_pauses() = row.pauses();
  const WaitingDays waited = WaitingOn(clock, today);
  waiting.set_elapsed_days(waited.elapsed);
  waiting.set_counted_days(waited.counted);
  return waiting;
}

std::string WaitingOrder(const v1::WaitingRow& row) {
  return absl::StrFormat(
      "%d/%s/%d/%05d/%s", row.bucket(),
      row.latest_start().empty() ? "9999-12-31" : row.latest_start(), 9 - kRiskUnknown,
      kDaysMax - std::min(row.counted_days(), kDaysMax), row.enrolment().enrolment_id());
}

}  // namespace pdp::programmes
