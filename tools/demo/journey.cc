#include "tools/demo/journey.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_format.h"

#include "libs/base/status_macros.h"
#include "tools/demo/journey_steps.h"

namespace pdp::demo {
namespace {

namespace rv1 = referral::v1;

const As kOfficer{"ro-1", {"RO"}, ""};

struct Step {
  int chapter;
  const char* name;
  absl::Status (Journey::*play)();
};
constexpr Step kSteps[] = {
    {0, "register", &Journey::RegisterPerson},
    {0, "sentence", &Journey::RegisterSentence},
    {0, "open", &Journey::OpenReferral},
    {0, "complete", &Journey::CompleteSections},
    {0, "submit", &Journey::Submit},
    {0, "decision", &Journey::AwaitDecision},
    {0, "offer", &Journey::AwaitOffer},
    {0, "privacy", &Journey::OtherTenantsSeeNothing},
    {0, "find", &Journey::FindOffer},
    {0, "accept", &Journey::AcceptOffer},
    {0, "assign", &Journey::AssignCaseworker},
    {0, "enrolment", &Journey::ConfirmEnrolment},
    {0, "companion", &Journey::BringCompanion},
    {0, "group", &Journey::FormGroup},
    {0, "worker", &Journey::PlaceWorker},
    {0, "assessment", &Journey::AssessWorker},
    {0, "induction", &Journey::CallToInduction},
    {1, "begin", &Journey::BeginDelivery},
    {1, "gate", &Journey::CompletionIsGated},
    {1, "inducted", &Journey::InductWorker},
    {1, "seat", &Journey::BookWork},
    {2, "deliver", &Journey::Deliver},
    {2, "completion", &Journey::Complete},
    {2, "work", &Journey::RecordWork},
    {2, "charges", &Journey::AwaitCharges},
    {3, "statement", &Journey::SettleStatements},
};

// One person a journey, outside the numbers of the caseload.
std::string CrnOf(const std::string& name) {
  const Digest digest = Sha256(name);
  uint32_t number = 0;
  for (int i = 0; i < 4; ++i) number = number << 8 | static_cast<unsigned char>(digest.bytes[i]);
  number %= 200'000;  // T000000 to T099999, T900000 to T999999
  return absl::StrFormat("T%06d", number < 100'000 ? number : 800'000 + number);
}

}  // namespace

Journey::Journey(Platform& platform, const JourneyOptions& options, JourneyResult* result,
                 Line line)
    : platform_(platform), options_(options), line_(line), result_(result) {}

absl::Status Journey::RegisterPerson() {
  const bool woman = line_ == Line::kProgramme;
  // Another journey may have got the number of this name; then the next one is asked for, and was
  // when the journey was played before: then the command id stands for that one.
  absl::Status registered = absl::UnknownError("not asked yet");
  for (int n = 0; !registered.ok(); ++n) {
    result_->crn = CrnOf(n == 0 ? options_.name : absl::StrCat(options_.name, " ", n));
    registered = Referral("NAT", "register", kOfficer,
                          absl::StrCat("register_person { crn: '", result_->crn, "' home_area: '",
                                       options_.area, "' pdu: 'N56ESX' identity { name { given: '",
                                       woman ? "Eve" : "Adam", "' family: 'Example' } sex: '",
                                       woman ? "F" : "M", "' date_of_birth: '1990-01-01'"
                                       " contact { address: '1 Example Street' } } }"))
                     .status();
    if (!registered.ok() && !absl::StrContains(registered.message(), "PERSON_EXISTS") &&
        !absl::StrContains(registered.message(), "COMMAND_ID_REUSED")) {
      return registered;
    }
  }
  RETURN_IF_ERROR(Referral("NAT", "officer", kOfficer,
                           absl::StrCat("set_responsible_officer { crn: '", result_->crn,
                                        "' officer { id: 'ro-1' name: 'Olive Officer' from: '",
                                        Day(-10), "' } }"))
                      .status());
  options_.tell(absl::StrCat("person ", result_->crn, " registered, with a responsible officer"));
  return absl::OkStatus();
}

absl::Status Journey::RegisterSentence() {
  const std::string requirement =
      line_ == Line::kProgramme
          ? "ext_main: 'F' length: 30 unit: 'DAYS'"
          : "ext_main: 'W' ext_sub: 'W01' length: 100 unit: 'HOURS'";
  RETURN_IF_ERROR(
      Referral("NAT", "sentence", {"court", {"CF"}, ""},
               absl::StrCat("register_sentence { crn: '", result_->crn,
                            "' event_no: 1 order_type: '201' sentenced_on: '", Day(-10),
                            "' end_on: '", Day(700), "' area: '", options_.area,
                            "' offences { code: '105' main: true sexual: MARK_NO extremism: MARK_NO"
                            " domestic_abuse: MARK_NO partner_sex: 'NONE' } requirements { no: 1 ",
                            requirement, " imposed_on: '", Day(-10), "' } }"))
          .status());
  options_.tell(line_ == Line::kProgramme
                    ? "community order of the court registered, with rehabilitation activity days"
                    : "community order of the court registered, with 100 hours of unpaid work");
  return absl::OkStatus();
}

absl::Status Journey::OpenReferral() {
  // The requirement of the court opens a referral by itself; asked again, it is the same one.
  const bool form = line_ == Line::kProgramme;
  ASSIGN_OR_RETURN(
      const rv1::ExecuteReply opened,
      Referral(options_.area, "open", form ? kOfficer : As{"court-desk", {"SYS"}, ""},
               absl::StrCat("open_referral { crn: '", result_->crn, "' ",
                            form ? "line: 'PROGRAMME' need: 'COGNITIVE'"
                                 : "line: 'UPW' origin: 'REQUIREMENT'",
                            " sentence_key: '", result_->crn, "/1' requirement_key: '",
                            result_->crn, "/1/1' }")));
  result_->referral_id = opened.reply().open_referral().referral_id();
  result_->reference = opened.reply().open_referral().reference();
  result_->case_name = absl::StrCat("cases/", options_.area, "-", result_->referral_id);
  options_.tell(absl::StrCat("referral ", result_->reference, " opened"));
  return absl::OkStatus();
}

std::vector<std::string> Journey::Sections() const {
  const bool programme = line_ == Line::kProgramme;
  std::vector<std::string> sections = {
      absl::StrCat("person { name { given: '", programme ? "Eve" : "Adam",
                   "' family: 'Example' } date_of_birth: '1990-01-01' sex: '",
                   programme ? "F" : "M", "' }"),
      "contact { address: '1 Example Street' }",
      absl::StrCat(
          "needs { written { language: 'en' formats: 'STANDARD' } interpreter { needed: NO } "
          "learning_difficulty { screening: 'NO' } reading { reads_simple_sentences: YES } "
          "access { step_free: NO hearing_loop: NO private_room: NO prayer_space: NO "
          "personal_care_space: NO quiet_space: NO } ",
          programme ? "women_programme { delivery_choice: 'WOMEN_ONLY' "
                      "female_facilitator: 'NOT_WANTED' } barriers { strengths: 'FAMILY_SUPPORT' "
                      "none_identified: true } }"
                    : "}"),
      absl::StrCat("sentence { sentence_key: '", result_->crn, "/1' confirmed_on: '", Day(0),
                   "' }"),
      "availability { has_fixed_times: NO }"};
  if (programme) {
    sections.push_back("need_type { need: 'COGNITIVE' }");
    sections.push_back(absl::StrCat(
        "risk { assessed_on: '", Day(-10),
        "' ogrs3_bp: 4000 substance_stable: true acute_mh: false items { i2_6: 1 i7_2: 1 i11_4: 1"
        " i11_6: 1 i11_7: 1 } }"));
  } else {
    sections.push_back("ete { need: 'SOME' areas: 'HORTICULTURE' }");
    sections.push_back("work_limits { health_limit: NO }");
  }
  return sections;
}

absl::Status Journey::CompleteSections() {
  RETURN_IF_ERROR(GetReferral(&now_));
  // Played again after the submission: the sections are closed.
  if (now_.state() != rv1::DRAFT) return absl::OkStatus();
  const std::vector<std::string> sections = Sections();
  for (size_t i = 0; i < sections.size(); ++i) {
    RETURN_IF_ERROR(Referral(options_.area, absl::StrCat("section ", i), kOfficer,
                             absl::StrCat("save_section { referral_id: '", result_->referral_id,
                                          "' section { ", sections[i], " } }"))
                        .status());
  }
  options_.tell(absl::StrCat(sections.size(), " sections saved: person, needs, sentence, ",
                             line_ == Line::kProgramme ? "risk" : "work"));
  return absl::OkStatus();
}

absl::Status Journey::Submit() {
  RETURN_IF_ERROR(Referral(options_.area, "submit", kOfficer,
                           absl::StrCat("submit_referral { referral_id: '", result_->referral_id,
                                        "' }"))
                      .status());
  options_.tell("submitted: every section complete, the slot of the need reserved");
  return absl::OkStatus();
}

absl::Status Journey::GetReferral(rv1::GetReferralReply* reply) {
  rv1::GetReferralRequest request;
  request.set_area(options_.area);
  request.set_referral_id(result_->referral_id);
  request.mutable_actor()->set_id("demonstration");
  request.mutable_actor()->add_roles("SYS");
  const grpc::Status status = Patiently(
      platform_.referral,
      [&](const std::shared_ptr<grpc::Channel>& channel, grpc::ClientContext* context) {
        return rv1::ReferralService::NewStub(channel)->GetReferral(context, request, reply);
      });
  return status.ok() ? absl::OkStatus() : absl::FailedPreconditionError(Describe(status));
}

absl::Status Journey::Until(absl::string_view what, rv1::ReferralState at_least) {
  ASSIGN_OR_RETURN(now_, (Await<rv1::GetReferralReply>(
                             what, [this](auto* reply) { return GetReferral(reply); },
                             [&](const auto& reply) { return reply.state() >= at_least; })));
  return absl::OkStatus();
}

absl::Status Journey::AwaitDecision() {
  RETURN_IF_ERROR(Until("the decision", rv1::ROUTED));
  result_->route = now_.route();
  result_->stratum = now_.stratum();
  options_.tell(absl::StrCat(
      "decided: ", now_.route(),
      now_.version_ref().empty() ? "" : absl::StrCat(" (", now_.version_ref(), ")"), ", ",
      now_.decision().trace_size(), " criteria in the trace, difficulty ", now_.stratum(),
      " frozen by ", now_.instrument()));
  return absl::OkStatus();
}

absl::Status Journey::AwaitOffer() {
  RETURN_IF_ERROR(Until("the offer", rv1::OFFERED));
  if (now_.state() == rv1::UNPLACED) {
    return absl::FailedPreconditionError("no organisation could take the referral");
  }
  const rv1::Round& round = now_.rounds(now_.rounds_size() - 1);
  result_->holder = round.org();
  result_->other = round.org() == "S01" ? "S02" : "S01";
  options_.tell(absl::StrCat("apportioned to ", round.org(), ", round ", round.round(),
                             ", to answer by ", round.respond_on()));
  return absl::OkStatus();
}

Date FirstDayOf(Date today) {
  return Date(absl::CivilMonth(today - 1)) + 1 - kChapters[kChapterCount - 1].day;
}

int DaysBehind(int chapter, Date first_day, absl::Time now) {
  const Date day = first_day + kChapters[chapter].day;
  const auto days = static_cast<int>(LocalDate(now) - day);
  // Near midnight the hour that the clocks were changed by makes it the day before, or after.
  return days + static_cast<int>(LocalDate(now - absl::Hours(24) * days) - day);
}

std::vector<std::string> JourneySteps(int chapter) {
  std::vector<std::string> names;
  for (const Step& step : kSteps) {
    if (step.chapter == chapter) names.push_back(step.name);
  }
  return names;
}

absl::Status PlayJourney(Platform& platform, const JourneyOptions& options,
                         JourneyResult* result) {
  Journey journey(platform, options, result);
  for (const Step& step : kSteps) {
    if (step.chapter >= options.chapters) break;
    RETURN_IF_ERROR(options.before(step.name));
    const absl::Status status = (journey.*step.play)();
    if (!status.ok()) {
      return absl::Status(status.code(), absl::StrCat("at step '", step.name, "': ",
                                                      status.message()));
    }
  }
  return absl::OkStatus();
}

}  // namespace pdp::demo
