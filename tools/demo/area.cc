#include "tools/demo/area.h"

#include <atomic>
#include <cstdio>
#include <thread>

#include "google/protobuf/text_format.h"
#include "libs/base/calendar.h"
#include "libs/base/status_macros.h"
#include "pdp/referral/v1/service.grpc.pb.h"
#include "pdp/subcontractor/v1/service.grpc.pb.h"
#include "tools/demo/caseload.h"

namespace pdp::demo {
namespace {

namespace rv1 = referral::v1;
namespace sv1 = subcontractor::v1;

const As kAuthority{"am-1", {"A", "ADMIN", "AM"}, ""};

As Signatory(const std::string& org) {
  return {org + "-admin", {org == "P01" ? "P" : "S", "ADMIN"}, org};
}

absl::Status ToAbsl(const grpc::Status& status, absl::string_view what) {
  if (status.ok()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(what, ": ", Describe(status)));
}

// One step of the set-up. A refusal because it is done already is success.
class SetUp {
 public:
  SetUp(Service& service, std::string area) : service_(service), area_(std::move(area)) {}

  absl::StatusOr<sv1::ExecuteReply> Do(absl::string_view id, const As& as, const std::string& text,
                                       absl::string_view area = "") {
    sv1::Command command;
    if (!google::protobuf::TextFormat::ParseFromString(text, &command)) {
      return absl::InternalError(absl::StrCat("the set-up step ", id, " does not parse"));
    }
    sv1::ExecuteReply reply;
    const grpc::Status status =
        Run<sv1::SubcontractorService, sv1::ExecuteRequest, sv1::ExecuteReply>(
            service_, area.empty() ? area_ : area, absl::StrCat("set-up ", area_, " ", id), as,
            command, &reply);
    RETURN_IF_ERROR(ToAbsl(status, id));
    return reply;
  }

 private:
  Service& service_;
  const std::string area_;
};

constexpr absl::string_view kCharitiesOnly = "N56ESX";
constexpr absl::string_view kServices[] = {"UPW", "TSP", "BBR", "SI_EM", "SI_COG", "SI_DA"};

std::string Scope(absl::string_view pdus) {
  std::string text;
  for (absl::string_view service : kServices) {
    absl::StrAppend(&text, "scope { service: '", service, "' ", pdus, " } ");
  }
  return text;
}

std::string Prices() {
  std::string text =
      "prices { rule_id: 'upw-hour' service: 'UPW' model: HOURLY kind: WORK price_micro: 9500000"
      " vat_class: VAT_STANDARD } "
      "prices { rule_id: 'upw-done' service: 'UPW' model: UNIT kind: HOURS_DONE"
      " price_micro: 145500000 vat_class: VAT_STANDARD } ";
  for (absl::string_view service : kServices) {
    if (service == "UPW") continue;
    absl::StrAppend(&text, "prices { rule_id: '", service, "-attendance' service: '", service,
                    "' model: UNIT kind: ATTENDANCE codes: 'ATTC' price_micro: 42000000"
                    " vat_class: VAT_STANDARD } prices { rule_id: '",
                    service, "-completion' service: '", service,
                    "' model: UNIT kind: COMPLETION price_micro: 250000000"
                    " vat_class: VAT_STANDARD } ");
  }
  return text;
}

constexpr absl::string_view kCapabilities =
    "capabilities: ['ACCESSIBLE_MATERIALS', 'CULTURAL_COMPETENCY_OR_SHARED_IDENTITY',"
    " 'FEMALE_FACILITATOR', 'GROUP_MIN_2_WOMEN', 'INTERPRETER:pl', 'NOT_ALL_MALE', 'ONE_TO_ONE',"
    " 'SPECIALIST_REFERRAL_SUPPORT', 'STEP_FREE', 'TRAUMA_INFORMED_STAFF', 'WOMEN_ONLY_GROUP',"
    " 'WOMEN_ONLY_WORK', 'INDIVIDUAL_PLACEMENT', 'HEARING_LOOP', 'PRIVATE_ROOM', 'QUIET_SPACE'] ";

}  // namespace

absl::Status SetUpSupplyChain(Service& subcontractor, const AreaOptions& options) {
  SetUp set_up(subcontractor, options.area);
  const Date today = options.first_day;
  const std::string from = FormatDate(AddMonths(today, -12));
  const std::string to = FormatDate(AddMonths(today, 48));
  std::string pdus;
  for (const std::string& pdu : CaseloadOptions().pdus)
    absl::StrAppend(&pdus, " pdus: '", pdu, "'");
  const std::string contract = absl::StrCat("PC-", options.area);

  for (absl::string_view org : {"P01", "S01", "S02"}) {
    const bool prime = org == "P01";
    RETURN_IF_ERROR(set_up
                        .Do(absl::StrCat("organisation ", org), kAuthority,
                            absl::StrCat("register_organisation { organisation { org_id: '", org,
                                         "' legal_name: '",
                                         prime          ? "Fenland Justice Partnership"
                                         : org == "S01" ? "Harbour Trust"
                                                        : "Second Furrow",
                                         "' kind: ", prime ? "COMPANY" : "CHARITY",
                                         " vcse: ", prime ? "false" : "true",
                                         " identifiers { scheme: '", prime ? "GB-COH" : "GB-CHC",
                                         "' id: '0000", org.substr(1),
                                         "' } structure: SINGLE_ORGANISATION } }"),
                            "NAT")
                        .status());
  }
  ASSIGN_OR_RETURN(
      auto created,
      set_up.Do("contract", {"system", {"SYS"}, ""},
                absl::StrCat("create_prime_contract { contract_id: '", contract,
                             "' terms { lot_id: 'L-", options.area, "' prime_org: 'P01' ",
                             Scope(pdus), " from: '", from, "' to: '", to,
                             "' regime: 'PCR2015' annual_value_pence: 320000000"
                             " total_value_pence: 1600000000"
                             " kpis { kpi_id: 'K1' target_ppm: 900000 direction: AT_LEAST }"
                             " kpis { kpi_id: 'K2' target_ppm: 850000 direction: AT_LEAST }"
                             " kpis { kpi_id: 'K3' target_ppm: 950000 direction: AT_LEAST }"
                             " at_risk_income_pence: 32000000 expected_income_pence: 320000000"
                             " mobilisation_date: '",
                             from, "' commitments_count: 1 } }")));
  const std::string contract_hash = created.reply().create_prime_contract().sha256_hex();
  RETURN_IF_ERROR(set_up
                      .Do("contract signed A", kAuthority,
                          absl::StrCat("sign_contract { contract_id: '", contract,
                                       "' party: PARTY_AUTHORITY sha256_hex: '", contract_hash,
                                       "' }"))
                      .status());
  RETURN_IF_ERROR(set_up
                      .Do("contract signed P", Signatory("P01"),
                          absl::StrCat("sign_contract { contract_id: '", contract,
                                       "' party: PARTY_PRIME sha256_hex: '", contract_hash, "' }"))
                      .status());
  RETURN_IF_ERROR(set_up
                      .Do("contract active", kAuthority,
                          absl::StrCat("activate_contract { contract_id: '", contract, "' }"))
                      .status());
  for (const std::string org : {"S01", "S02"}) {
    std::string shares, volumes;
    for (absl::string_view service : kServices) {
      absl::StrAppend(&shares, "pool_shares { service: '", service, "' share_ppm: ",
                      org == "S01" ? 300000 : 200000, " } ");
      absl::StrAppend(&volumes, "monthly_volume { service: '", service,
                      "' baseline: 20 band_low_ppm: 900000 band_high_ppm: 1100000 } ");
    }
    const std::string id = absl::StrCat("SC-", options.area, "-", org);
    ASSIGN_OR_RETURN(
        auto proposed,
        set_up.Do(absl::StrCat("subcontract ", org), Signatory("P01"),
                  absl::StrCat("propose_subcontract { subcontract_id: '", id, "' contract_id: '",
                               contract, "' org: '", org, "' sheet { ", Scope(pdus), shares,
                               volumes, Prices(),
                               "targets { kpi_id: 'K1' target_ppm: 900000 direction: AT_LEAST } "
                               "payment_days: 30 liability_cap_pence: 50000000"
                               " at_risk_share_ppm: 0 start: '",
                               from, "' end: '", to,
                               "' notice_days: 90 variation_notice_days: 30"
                               " dispute_route: 'authority' annual_value_pence: 30000000 ",
                               kCapabilities, " silence_accepts: true } }")));
    const std::string hash = proposed.reply().propose_subcontract().sha256_hex();
    for (const std::string& signer : {std::string("P01"), org}) {
      RETURN_IF_ERROR(set_up
                          .Do(absl::StrCat("subcontract ", org, " signed ", signer),
                              Signatory(signer),
                              absl::StrCat("sign_subcontract { subcontract_id: '", id,
                                           "' sha256_hex: '", hash, "' }"))
                          .status());
    }
  }
  for (absl::string_view service : kServices) {
    std::string members;
    for (const std::string org : {"P01", "S01", "S02"}) {
      absl::StrAppend(&members, "members { org: '", org, "' services: '", service, "' ");
      for (const std::string& pdu : CaseloadOptions().pdus) {
        if (org == "P01" && pdu == kCharitiesOnly) continue;
        absl::StrAppend(&members, "geography: '", pdu, "' ");
      }
      absl::StrAppend(&members, kCapabilities, "from: '", from, "' ",
                      org == "P01" ? ""
                                   : absl::StrCat("subcontract_id: 'SC-", options.area, "-", org,
                                                  "' "),
                      "} ");
    }
    RETURN_IF_ERROR(
        set_up
            .Do(absl::StrCat("pool ", service), kAuthority,
                absl::StrCat("open_pool { service: '", service,
                             "' prime_org: 'P01' mode: BALANCED beta_num: 1 beta_den: 2"
                             " tie: TIE_ID batch_minutes: 0 ",
                             members,
                             "shares { org: 'P01' share_ppm: 500000 }"
                             " shares { org: 'S01' share_ppm: 300000 }"
                             " shares { org: 'S02' share_ppm: 200000 }"
                             " signed_by: ['P01', 'S01', 'S02'] }"))
            .status());
    for (const std::string org : {"P01", "S01", "S02"}) {
      RETURN_IF_ERROR(set_up
                          .Do(absl::StrCat("capacity ", service, " ", org),
                              {org + "-delivery", {org == "P01" ? "P" : "S", "DELIVERY"}, org},
                              absl::StrCat("declare_capacity { service: '", service, "' org: '",
                                           org, "' from: '", FormatDate(today),
                                           "' max_open: 5000 max_new_week: 2000 }"))
                          .status());
    }
  }
  return absl::OkStatus();
}

absl::Status RegisterCaseload(Service& referral, const AreaOptions& options) {
  CaseloadOptions caseload;
  caseload.seed = options.seed;
  caseload.area = options.area;
  caseload.today = options.first_day;
  std::atomic<uint64_t> next{0}, done{0};
  absl::Mutex mutex;
  absl::Status failed;
  const As officer{"ro-1", {"RO"}, ""};
  const auto run = [&](absl::string_view id, const rv1::Command& command) {
    rv1::ExecuteReply reply;
    const grpc::Status status =
        Run<rv1::ReferralService, rv1::ExecuteRequest, rv1::ExecuteReply>(
            referral, "NAT", absl::StrCat("caseload ", options.seed, " ", id), officer, command,
            &reply);
    const std::string reason = ReasonOf(status);
    // Registered by an earlier run on another day: the figures differ, the person is there.
    if (status.ok() || reason == "PERSON_EXISTS" || reason == "SENTENCE_EXISTS" ||
        reason == "COMMAND_ID_REUSED" || reason == "NOTHING_TO_CHANGE") {
      return true;
    }
    absl::MutexLock lock(&mutex);
    if (failed.ok()) failed = ToAbsl(status, id);
    return false;
  };
  const auto work = [&] {
    while (true) {
      const uint64_t n = next.fetch_add(1);
      if (n >= options.people) return;
      const SyntheticPerson person = MakePerson(caseload, n);
      rv1::Command command;
      *command.mutable_register_person() = person.person;
      bool ok = run(absl::StrCat("person ", person.crn), command);
      for (size_t i = 0; ok && i < person.needs.size(); ++i) {
        *command.mutable_record_needs() = person.needs[i];
        ok = run(absl::StrCat("needs ", i, " ", person.crn), command);
      }
      *command.mutable_record_risk() = person.risk;
      ok = ok && run(absl::StrCat("risk ", person.crn), command);
      *command.mutable_register_sentence() = person.sentence;
      ok = ok && run(absl::StrCat("sentence ", person.crn), command);
      if (!ok) return;
      const uint64_t count = done.fetch_add(1) + 1;
      if (options.progress && (count % 250 == 0 || count == options.people)) {
        std::printf("\r  %lu of %lu people registered", count, options.people);
        std::fflush(stdout);
      }
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < options.callers; ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
  if (options.progress) std::printf("\n");
  absl::MutexLock lock(&mutex);
  return failed;
}

}  // namespace pdp::demo
