#include "tools/demo/journey.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_join.h"
#include "google/protobuf/text_format.h"
#include "libs/base/calendar.h"
#include "libs/base/status_macros.h"
#include "pdp/referral/v1/service.grpc.pb.h"

namespace pdp::demo {
namespace {

namespace rv1 = referral::v1;

const As kOfficer{"ro-1", {"RO"}, ""};

class Journey {
 public:
  Journey(Service& referral, const JourneyOptions& options, JourneyResult* result)
      : referral_(referral), options_(options), result_(result) {
    // One person a journey, outside the numbers of the caseload.
    const Digest digest = Sha256(options.name);
    const auto byte = [&](int i) { return static_cast<unsigned char>(digest.bytes[i]); };
    crn_ = absl::StrCat("T0", 10000 + byte(0) * 256 + byte(1));
  }

  absl::Status Play() {
    RETURN_IF_ERROR(Register());
    RETURN_IF_ERROR(OpenAndSubmit());
    RETURN_IF_ERROR(AwaitOffer());
    return AcceptAndAssign();
  }

 private:
  absl::StatusOr<rv1::ExecuteReply> Do(const std::string& area, const std::string& step,
                                       const As& as, const std::string& text) {
    rv1::Command command;
    if (!google::protobuf::TextFormat::ParseFromString(text, &command)) {
      return absl::InternalError(absl::StrCat("the step '", step, "' does not parse"));
    }
    rv1::ExecuteReply reply;
    const grpc::Status status = Run<rv1::ReferralService, rv1::ExecuteRequest, rv1::ExecuteReply>(
        referral_, area, absl::StrCat("journey ", options_.name, " ", step), as, command, &reply);
    if (!status.ok()) {
      return absl::FailedPreconditionError(absl::StrCat(step, ": ", Describe(status)));
    }
    return reply;
  }

  // The days of a journey are those of its first playing, or a repeat would be another command.
  static std::string Day(int from_today) {
    return FormatDate(WeekStart(LocalDate(absl::Now())) + from_today);
  }

  absl::Status Register() {
    RETURN_IF_ERROR(Do("NAT", "register", kOfficer,
                       absl::StrCat("register_person { crn: '", crn_, "' home_area: '",
                                    options_.area, "' pdu: 'N56ESX' identity { name { given: 'Adam'"
                                    " family: 'Example' } sex: 'M' date_of_birth: '1990-01-01'"
                                    " contact { address: '1 Example Street' } } }"))
                        .status());
    RETURN_IF_ERROR(
        Do("NAT", "sentence", {"court", {"CF"}, ""},
           absl::StrCat("register_sentence { crn: '", crn_, "' event_no: 1 order_type: '201'"
                        " sentenced_on: '", Day(-60), "' end_on: '", Day(700), "' area: '",
                        options_.area, "' offences { code: '105' main: true sexual: MARK_NO"
                        " extremism: MARK_NO domestic_abuse: MARK_NO partner_sex: 'NONE' }"
                        " requirements { no: 1 ext_main: 'F' length: 30 unit: 'DAYS' imposed_on: '",
                        Day(-60), "' } }"))
            .status());
    options_.tell(absl::StrCat("person ", crn_, " registered with a community order"));
    return absl::OkStatus();
  }

  absl::Status OpenAndSubmit() {
    ASSIGN_OR_RETURN(const auto opened,
                     Do(options_.area, "open", kOfficer,
                        absl::StrCat("open_referral { crn: '", crn_, "' line: 'PROGRAMME'"
                                     " need: 'COGNITIVE' sentence_key: '", crn_,
                                     "/1' requirement_key: '", crn_, "/1/1' }")));
    result_->referral_id = opened.reply().open_referral().referral_id();
    result_->reference = opened.reply().open_referral().reference();
    options_.tell(absl::StrCat("referral ", result_->reference, " opened"));
    const std::vector<std::string> sections = {
        "person { name { given: 'Adam' family: 'Example' } date_of_birth: '1990-01-01' sex: 'M' }",
        "contact { address: '1 Example Street' }",
        "needs { written { language: 'en' formats: 'STANDARD' } interpreter { needed: NO } "
        "learning_difficulty { screening: 'NO' } reading { reads_simple_sentences: YES } "
        "access { step_free: NO hearing_loop: NO private_room: NO prayer_space: NO "
        "personal_care_space: NO quiet_space: NO } }",
        absl::StrCat("sentence { sentence_key: '", crn_, "/1' confirmed_on: '", Day(0), "' }"),
        "need_type { need: 'COGNITIVE' }",
        absl::StrCat("risk { assessed_on: '", Day(-10), "' ogrs3_bp: 6200 substance_stable: true "
                     "acute_mh: false items { i2_6: 1 i7_2: 1 i11_4: 1 i11_6: 1 i11_7: 1 } }"),
        "availability { has_fixed_times: NO }"};
    rv1::GetReferralReply now;
    RETURN_IF_ERROR(Get(&now));
    if (now.state() == rv1::DRAFT) {
      for (size_t i = 0; i < sections.size(); ++i) {
        RETURN_IF_ERROR(Do(options_.area, absl::StrCat("section ", i), kOfficer,
                           absl::StrCat("save_section { referral_id: '", result_->referral_id,
                                        "' section { ", sections[i], " } }"))
                            .status());
      }
      RETURN_IF_ERROR(Do(options_.area, "submit", kOfficer,
                         absl::StrCat("submit_referral { referral_id: '", result_->referral_id,
                                      "' }"))
                          .status());
    }
    options_.tell("submitted: every section complete, the slot of the need reserved");
    return absl::OkStatus();
  }

  absl::Status Get(rv1::GetReferralReply* reply) {
    rv1::GetReferralRequest request;
    request.set_area(options_.area);
    request.set_referral_id(result_->referral_id);
    request.mutable_actor()->set_id("demonstration");
    request.mutable_actor()->add_roles("SYS");
    const grpc::Status status =
        Patiently(referral_, [&](const std::shared_ptr<grpc::Channel>& channel,
                                 grpc::ClientContext* context) {
          return rv1::ReferralService::NewStub(channel)->GetReferral(context, request, reply);
        });
    return status.ok() ? absl::OkStatus() : absl::FailedPreconditionError(Describe(status));
  }

  // Waits until `condition` holds of the referral.
  template <typename Condition>
  absl::Status Await(absl::string_view what, Condition condition) {
    const absl::Time give_up = absl::Now() + kPatience;
    while (absl::Now() < give_up) {
      rv1::GetReferralReply reply;
      RETURN_IF_ERROR(Get(&reply));
      if (condition(reply)) {
        now_ = reply;
        return absl::OkStatus();
      }
      absl::SleepFor(absl::Milliseconds(50));
    }
    return absl::DeadlineExceededError(absl::StrCat("the referral was never ", what));
  }

  absl::Status AwaitOffer() {
    RETURN_IF_ERROR(Await("routed", [](const auto& r) { return r.state() >= rv1::ROUTED; }));
    result_->route = now_.route();
    result_->stratum = now_.stratum();
    options_.tell(absl::StrCat("decided: ", now_.route(), " (", now_.version_ref(), "), ",
                               now_.decision().trace_size(), " criteria in the trace, difficulty ",
                               now_.stratum(), " frozen by ", now_.instrument()));
    RETURN_IF_ERROR(Await("offered", [](const auto& r) { return r.state() >= rv1::OFFERED; }));
    if (now_.state() == rv1::UNPLACED) {
      return absl::FailedPreconditionError("no organisation could take the referral");
    }
    const rv1::Round& round = now_.rounds(now_.rounds_size() - 1);
    result_->holder = round.org();
    options_.tell(absl::StrCat("apportioned and offered to ", round.org(), ", round ",
                               round.round(), ", to answer by ", round.respond_on()));
    return absl::OkStatus();
  }

  absl::Status AcceptAndAssign() {
    const As provider{result_->holder + "-manager", {"PV"}, result_->holder};
    if (now_.state() == rv1::OFFERED) {
      RETURN_IF_ERROR(Do(options_.area, "accept", provider,
                         absl::StrCat("accept_offer { referral_id: '", result_->referral_id,
                                      "' round: ", now_.rounds_size(), " }"))
                          .status());
    }
    RETURN_IF_ERROR(Await("accepted", [](const auto& r) { return r.state() >= rv1::ACCEPTED; }));
    if (now_.state() == rv1::ACCEPTED) {
      RETURN_IF_ERROR(Do(options_.area, "assign", provider,
                         absl::StrCat("assign_caseworkers { referral_id: '", result_->referral_id,
                                      "' caseworkers { id: '", result_->holder,
                                      "-cw-1' lead: true } }"))
                          .status());
    }
    options_.tell(absl::StrCat(result_->holder, " accepted and put a caseworker on the case"));
    return absl::OkStatus();
  }

  Service& referral_;
  const JourneyOptions& options_;
  JourneyResult* result_;
  std::string crn_;
  rv1::GetReferralReply now_;
};

}  // namespace

absl::Status PlayJourney(Service& referral, const JourneyOptions& options, JourneyResult* result) {
  return Journey(referral, options, result).Play();
}

}  // namespace pdp::demo
