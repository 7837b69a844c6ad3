#include "tools/demo/journey.h"

#include <vector>

#include "absl/strings/str_format.h"

#include "libs/base/status_macros.h"
#include "tools/demo/journey_steps.h"

namespace pdp::demo {
namespace {

namespace rv1 = referral::v1;

const As kOfficer{"ro-1", {"RO"}, ""};

struct Step {
  const char* name;
  absl::Status (Journey::*play)();
  bool programmes = false;
};
constexpr Step kSteps[] = {
    {"register", &Journey::RegisterPerson},
    {"sentence", &Journey::RegisterSentence},
    {"open", &Journey::OpenReferral},
    {"complete", &Journey::CompleteSections},
    {"submit", &Journey::Submit},
    {"decision", &Journey::AwaitDecision},
    {"offer", &Journey::AwaitOffer},
    {"privacy", &Journey::OtherTenantsSeeNothing},
    {"find", &Journey::FindOffer},
    {"accept", &Journey::AcceptOffer},
    {"assign", &Journey::AssignCaseworker},
    {"enrolment", &Journey::ConfirmEnrolment, true},
    {"companion", &Journey::BringCompanion, true},
    {"group", &Journey::FormGroup, true},
    {"statement", &Journey::SettleStatement, true},
};

std::vector<Step> StepsOf(const JourneyOptions& options) {
  std::vector<Step> steps;
  for (const Step& step : kSteps) {
    if (!step.programmes || options.programmes) steps.push_back(step);
  }
  return steps;
}

}  // namespace

Journey::Journey(Platform& platform, const JourneyOptions& options, JourneyResult* result)
    : platform_(platform), options_(options), result_(result) {
  // One person a journey, outside the numbers of the caseload.
  const Digest digest = Sha256(options.name);
  uint32_t number = 0;
  for (int i = 0; i < 4; ++i) number = number << 8 | static_cast<unsigned char>(digest.bytes[i]);
  number %= 200'000;  // T000000 to T099999, T900000 to T999999
  result_->crn = absl::StrFormat("T%06d", number < 100'000 ? number : 800'000 + number);
}

absl::Status Journey::RegisterPerson() {
  RETURN_IF_ERROR(Referral("NAT", "register", kOfficer,
                           absl::StrCat("register_person { crn: '", result_->crn, "' home_area: '",
                                        options_.area,
                                        "' pdu: 'N56ESX' identity { name { given: 'Eve'"
                                        " family: 'Example' } sex: 'F' date_of_birth: '1990-01-01'"
                                        " contact { address: '1 Example Street' } } }"))
                      .status());
  options_.tell(absl::StrCat("person ", result_->crn, " registered"));
  return absl::OkStatus();
}

absl::Status Journey::RegisterSentence() {
  RETURN_IF_ERROR(
      Referral("NAT", "sentence", {"court", {"CF"}, ""},
               absl::StrCat("register_sentence { crn: '", result_->crn,
                            "' event_no: 1 order_type: '201' sentenced_on: '", Day(-200),
                            "' end_on: '", Day(700), "' area: '", options_.area,
                            "' offences { code: '105' main: true sexual: MARK_NO extremism: MARK_NO"
                            " domestic_abuse: MARK_NO partner_sex: 'NONE' } requirements { no: 1"
                            " ext_main: 'F' length: 30 unit: 'DAYS' imposed_on: '",
                            Day(-200), "' } }"))
          .status());
  options_.tell("community order of the court registered, with rehabilitation activity days");
  return absl::OkStatus();
}

absl::Status Journey::OpenReferral() {
  ASSIGN_OR_RETURN(
      const rv1::ExecuteReply opened,
      Referral(options_.area, "open", kOfficer,
               absl::StrCat("open_referral { crn: '", result_->crn,
                            "' line: 'PROGRAMME' need: 'COGNITIVE' sentence_key: '", result_->crn,
                            "/1' requirement_key: '", result_->crn, "/1/1' }")));
  result_->referral_id = opened.reply().open_referral().referral_id();
  result_->reference = opened.reply().open_referral().reference();
  result_->case_name = absl::StrCat("cases/", options_.area, "-", result_->referral_id);
  options_.tell(absl::StrCat("referral ", result_->reference, " opened"));
  return absl::OkStatus();
}

absl::Status Journey::CompleteSections() {
  RETURN_IF_ERROR(GetReferral(&now_));
  // Played again after the submission: the sections are closed.
  if (now_.state() != rv1::DRAFT) return absl::OkStatus();
  const std::vector<std::string> sections = {
      "person { name { given: 'Eve' family: 'Example' } date_of_birth: '1990-01-01' sex: 'F' }",
      "contact { address: '1 Example Street' }",
      "needs { written { language: 'en' formats: 'STANDARD' } interpreter { needed: NO } "
      "learning_difficulty { screening: 'NO' } reading { reads_simple_sentences: YES } "
      "access { step_free: NO hearing_loop: NO private_room: NO prayer_space: NO "
      "personal_care_space: NO quiet_space: NO } women_programme { delivery_choice: 'WOMEN_ONLY' "
      "female_facilitator: 'NOT_WANTED' } barriers { strengths: 'FAMILY_SUPPORT' "
      "none_identified: true } }",
      absl::StrCat("sentence { sentence_key: '", result_->crn, "/1' confirmed_on: '", Day(0),
                   "' }"),
      "need_type { need: 'COGNITIVE' }",
      absl::StrCat("risk { assessed_on: '", Day(-10),
                   "' ogrs3_bp: 4000 substance_stable: true acute_mh: false items { i2_6: 1"
                   " i7_2: 1 i11_4: 1 i11_6: 1 i11_7: 1 } }"),
      "availability { has_fixed_times: NO }"};
  for (size_t i = 0; i < sections.size(); ++i) {
    RETURN_IF_ERROR(Referral(options_.area, absl::StrCat("section ", i), kOfficer,
                             absl::StrCat("save_section { referral_id: '", result_->referral_id,
                                          "' section { ", sections[i], " } }"))
                        .status());
  }
  options_.tell(absl::StrCat(sections.size(), " sections saved: person, needs, risk, sentence"));
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
  options_.tell(absl::StrCat("decided: ", now_.route(), " (", now_.version_ref(), "), ",
                             now_.decision().trace_size(), " criteria in the trace, difficulty ",
                             now_.stratum(), " frozen by ", now_.instrument()));
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

std::vector<std::string> JourneySteps(const JourneyOptions& options) {
  std::vector<std::string> names;
  for (const Step& step : StepsOf(options)) names.push_back(step.name);
  return names;
}

absl::Status PlayJourney(Platform& platform, const JourneyOptions& options,
                         JourneyResult* result) {
  Journey journey(platform, options, result);
  for (const Step& step : StepsOf(options)) {
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
