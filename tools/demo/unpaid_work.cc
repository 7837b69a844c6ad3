#include "tools/demo/unpaid_work.h"

#include <algorithm>

#include "google/protobuf/text_format.h"
#include "libs/base/status_macros.h"
#include "pdp/unpaid_work/v1/service.grpc.pb.h"

namespace pdp::demo {
namespace {

namespace uv1 = unpaid_work::v1;

constexpr int kDays = 21;

absl::Status Execute(Service& service, const std::string& area, const std::string& role,
                     const std::string& text) {
  uv1::Command command;
  if (!google::protobuf::TextFormat::ParseFromString(text, &command)) {
    return absl::InternalError(absl::StrCat("the set-up step does not parse: ", text));
  }
  uv1::ExecuteReply reply;
  const grpc::Status status =
      Run<uv1::UnpaidWorkService, uv1::ExecuteRequest, uv1::ExecuteReply>(
          service, area, absl::StrCat("unpaid work ", area, " ", text),
          {area + "-" + role, {role}, ""}, command, &reply);
  if (status.ok()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(text, ": ", Describe(status)));
}

// The supervisor and the sessions of one organisation.
class WorkSetUp {
 public:
  WorkSetUp(Service& service, std::string area, std::string org)
      : service_(service), area_(std::move(area)), org_(std::move(org)) {}

  std::string IdOf(const std::string& kind) const {
    return absl::StrCat(area_, "-", org_, kind == "GROUP" ? "-GRP" : "-IND");
  }
  absl::Status Supervisor() {
    return Do("CO", absl::StrCat("register_supervisor { staff_id: '", StaffId(), "' org: '", org_,
                                 "' sex: 'F' }"));
  }

  absl::Status Sessions(Date first_day) {
    for (int i = 0; i < kDays; ++i) {
      const Date date = first_day + i;
      if (!IsWorkingDay(date)) continue;
      const bool induction = IsoWeekday(date) == 1 || IsoWeekday(date) == 4;
      const std::string kind = induction ? "INDUCTION" : "GROUP";
      std::string day = FormatDate(date);
      RETURN_IF_ERROR(Do("CO", absl::StrCat("plan_session { project_id: '", IdOf(kind),
                                            "' date: '", day, "' slot: 1 ",
                                            induction ? "start: 570 end: 750 }"
                                                      : "start: 540 end: 960 }")));
      if (induction) continue;
      day.erase(std::remove(day.begin(), day.end(), '-'), day.end());
      RETURN_IF_ERROR(Do("CO", absl::StrCat("assign_supervisor { session_id: '", IdOf(kind), ".",
                                            day, ".1' staff_id: '", StaffId(), "' }")));
    }
    return absl::OkStatus();
  }

 private:
  std::string StaffId() const { return org_ + "-supervisor"; }

  absl::Status Do(const std::string& role, const std::string& text) {
    return Execute(service_, area_, role, text);
  }

  Service& service_;
  const std::string area_, org_;
};

}  // namespace

absl::Status OpenWorkPlace(Service& service, const WorkPlace& place, Date first_day) {
  std::string rows;
  for (int weekday = 1; weekday <= 5; ++weekday) {
    absl::StrAppend(&rows, "availability { weekday: ", weekday,
                    " start: 540 end: 960 frequency: WEEKLY from: '", FormatDate(first_day),
                    "' } ");
  }
  const std::string named = absl::StrCat(" { project_id: '", place.project_id, "' ");
  RETURN_IF_ERROR(Execute(
      service, place.area, "CO",
      absl::StrCat("nominate_project", named, "terms { name: '", place.org, " ", place.kind,
                   "' kind: ", place.kind, " type_code: '", place.type_code, "' org: '", place.org,
                   "' site { name: '", place.project_id,
                   "' easting: 594000 northing: 206000 host_all_male: HOST_ALL_MALE_NO "
                   "facility_tags: ['STEP_FREE', 'HEARING_LOOP', 'PRIVATE_ROOM', 'PRAYER_SPACE', "
                   "'PERSONAL_CARE_SPACE', 'QUIET_SPACE', 'SEPARATE_WC', 'FEMALE_FACILITIES'] } "
                   "min_group: 1 max_group: 10 min_age: 18 languages: ['en', 'cy'] support_tags: "
                   "['MENTORING', 'LD_AWARE', 'LOW_RATIO', 'SPECIALIST_REFERRAL_SUPPORT', "
                   "'INTERPRETER:pl'] skills: ['HORTICULTURE', 'TEAMWORK'] ",
                   rows, "risk_assessment_valid_until: '", FormatDate(AddMonths(first_day, 24)),
                   "' agreement_from: '", FormatDate(first_day),
                   "' community_benefit: true } beneficiary: 'The parish council' }")));
  RETURN_IF_ERROR(Execute(service, place.area, "CO", absl::StrCat("evaluate_project", named, "}")));
  RETURN_IF_ERROR(Execute(service, place.area, "MG", absl::StrCat("approve_project", named, "}")));
  // The organisation's contract reaches the service by an event.
  const absl::Time give_up = absl::Now() + kPatience;
  while (true) {
    const absl::Status opened =
        Execute(service, place.area, "CO", absl::StrCat("open_project", named, "}"));
    if (opened.ok() || absl::Now() > give_up ||
        opened.message().find("ORGANISATION_OUT_OF_SCOPE") == std::string::npos) {
      return opened;
    }
    absl::SleepFor(absl::Milliseconds(50));
  }
}

absl::Status SetUpUnpaidWork(Service& unpaid_work, const std::string& area, Date first_day) {
  for (const char* org : {"P01", "S01", "S02"}) {
    WorkSetUp set_up(unpaid_work, area, org);
    RETURN_IF_ERROR(OpenWorkPlace(
        unpaid_work, {area, set_up.IdOf("INDUCTION"), org, "INDUCTION", "PI"}, first_day));
    RETURN_IF_ERROR(
        OpenWorkPlace(unpaid_work, {area, set_up.IdOf("GROUP"), org, "GROUP", "NP1"}, first_day));
    RETURN_IF_ERROR(set_up.Supervisor());
    RETURN_IF_ERROR(set_up.Sessions(first_day));
  }
  return absl::OkStatus();
}

}  // namespace pdp::demo
