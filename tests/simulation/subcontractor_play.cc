#include "absl/strings/str_cat.h"
#include "pdp/programmes/v1/public_events.pb.h"
#include "pdp/referral/v1/public_events.pb.h"
#include "services/subcontractor/domain/subcontractor.h"
#include "services/subcontractor/processes/charger.h"
#include "services/subcontractor/processes/followers.h"
#include "services/subcontractor/processes/seed_keeper.h"
#include "services/subcontractor/processes/sources.h"
#include "services/subcontractor/projections/money.h"
#include "services/subcontractor/projections/pool_trace.h"
#include "services/subcontractor/projections/subcontracts.h"
#include "services/subcontractor/public_events.h"
#include "tests/simulation/service_play.h"

namespace pdp::sim {
namespace {

constexpr char kTerms[] =
    "lot_id: 'L1' prime_org: 'P01' scope { service: 'TSP' pdus: 'N56ESSEX' pdus: 'N56NORFOLK' } "
    "scope { service: 'BBR' pdus: 'N56ESSEX' } from: '2025-01-01' to: '2027-12-31' regime: "
    "'PCR2015' annual_value_pence: 320000000 total_value_pence: 960000000 kpis { kpi_id: 'K1' } "
    "kpis { kpi_id: 'K2' } kpis { kpi_id: 'K3' } at_risk_income_pence: 100 "
    "expected_income_pence: 1000 commitments_count: 1";
constexpr char kSheet[] =
    "scope { service: 'TSP' pdus: 'N56ESSEX' } scope { service: 'BBR' pdus: 'N56ESSEX' } "
    "pool_shares { service: 'TSP' share_ppm: 300000 } "
    "monthly_volume { service: 'TSP' baseline: 20 band_low_ppm: 900000 band_high_ppm: 1100000 } "
    "targets { kpi_id: 'K1' target_ppm: 900000 direction: AT_LEAST } payment_days: 30 "
    "liability_cap_pence: 5000000 at_risk_share_ppm: 0 start: '2025-07-20' end: '2026-12-31' "
    "notice_days: 90 variation_notice_days: 30 dispute_route: 'authority' "
    "annual_value_pence: 30000000 capabilities: 'FEMALE_FACILITATOR' prices { rule_id: 'att' "
    "service: 'TSP' model: UNIT kind: ATTENDANCE codes: 'ATTC' price_micro: 145500000 vat_class: "
    "VAT_STANDARD }";

class Subcontractor final : public ServicePlay {
 public:
  std::string name() const override { return "subcontractor"; }
  std::shared_ptr<const engine::Domain> domain() const override {
    return engine::MakeDomain<subcontractor::Subcontractor>();
  }
  projection::PublicEventMapper to_public() const override { return subcontractor::ToPublic; }
  std::vector<std::unique_ptr<projection::Projection>> Projections(
      privacy::KeyVault&) const override {
    std::vector<std::unique_ptr<projection::Projection>> all;
    all.push_back(std::make_unique<subcontractor::Subcontracts>());
    all.push_back(std::make_unique<subcontractor::PoolTrace>());
    all.push_back(std::make_unique<subcontractor::Money>());
    return all;
  }
  std::vector<std::unique_ptr<projection::Process>> Processes(
      Area area, Random& random, const projection::Surroundings&) const override {
    std::vector<std::unique_ptr<projection::Process>> all;
    if (area.is_nat()) return all;
    all.push_back(std::make_unique<subcontractor::Charger>(subcontractor::FactSources()));
    all.push_back(std::make_unique<subcontractor::OfferFollower>());
    all.push_back(std::make_unique<subcontractor::PoolKeeper>());
    all.push_back(std::make_unique<subcontractor::OrganisationFollower>());
    all.push_back(std::make_unique<subcontractor::SeedKeeper>(random));
    return all;
  }
  absl::Time begins() const override {
    return absl::FromCivil(absl::CivilSecond(2025, 9, 1, 9), absl::UTCTimeZone());
  }
  std::vector<std::string> subjects() const override { return {"P01", "S01", "R001"}; }
  std::vector<std::string> main_events() const override {
    return {"OrganisationRegistered", "OrganisationCopied", "PrimeContractActivated",
            "SubcontractActivated",   "PoolOpened",         "ReferralApportioned",
            "AllocationConfirmed",    "SeedCommitted",      "SeedRevealed",
            "ChargeAccrued",          "LedgerPosted",       "PeriodClosed",
            "StatementDrafted",       "PoolMemberSuspended"};
  }

 protected:
  std::vector<std::string> areas(Dice&) const override { return {"N56", "NAT"}; }
  bool asks_peers() const override { return false; }
  std::vector<std::string> roles() const override {
    return {"SYS", "A", "ADMIN", "FINANCE", "DELIVERY", "SUP"};
  }

  void Tell(Draft& draft) const override {
    draft.As(1);
    for (const char* org : {"S01", "S02", "P01"}) {
      draft.Do("NAT", "A", absl::StrCat("register_organisation { organisation { org_id: '", org,
                                        "' legal_name: '$W' kind: CHARITY structure: "
                                        "SINGLE_ORGANISATION } }"));
    }
    draft.As(0);
    if (draft.dice().Chance(700)) Contract(draft);
    Pool(draft);
    Money(draft);
  }

  std::vector<Stream> Overhear(Draft& draft) const override {
    std::vector<Stream> streams(2);
    for (int n = static_cast<int>(draft.dice().Below(6)); n > 0; --n) {
      programmes::v1::PublicEvent event;
      auto& fact = *event.mutable_attendance_recorded()->mutable_fact();
      fact.set_fact_id(absl::StrCat("programmes/att/g1/S", draft.dice().Below(4), "/m1/1/1"));
      fact.set_kind(common::v1::DeliveryFact::ATTENDANCE);
      fact.set_service("TSP");
      fact.set_delivery_org("S01");
      fact.set_area("N56");
      fact.set_pdu("N56ESSEX");
      fact.set_service_date("2025-08-12");
      fact.set_quantity_centi(100);
      fact.set_minutes(95);
      fact.set_code(draft.dice().Chance(800) ? "ATTC" : "UAAB");
      fact.set_cancelled(draft.dice().Chance(150));
      Say(&streams[0], "programmes", "N56", event);
    }
    for (int n = static_cast<int>(draft.dice().Below(4)); n > 0; --n) {
      referral::v1::PublicEvent event;
      if (draft.dice().Chance(500)) {
        auto& started = *event.mutable_delivery_started();
        started.set_referral_id(absl::StrCat("R00", draft.dice().Between(1, 3)));
        started.set_org("S01");
        started.set_on("2025-09-02");
        started.set_route("TSP");
      } else {
        auto& ended = *event.mutable_delivery_ended();
        ended.set_referral_id(absl::StrCat("R00", draft.dice().Between(1, 3)));
        ended.set_on("2025-09-02");
        ended.set_cause("COMPLETED");
      }
      Say(&streams[1], "referral", "N56", event);
    }
    return streams;
  }

 private:
  static void Contract(Draft& draft) {
    draft.Do("N56", "SYS", absl::StrCat("create_prime_contract { contract_id: 'PC-1' terms { ",
                                        kTerms, " } }"));
    std::string hash =
        draft.Reply<subcontractor::v1::Reply>().create_prime_contract().sha256_hex();
    const auto sign = [&](const char* role, const char* party, const char* org) {
      draft.Do("N56", role, absl::StrCat("sign_contract { contract_id: 'PC-1' party: ", party,
                                         " sha256_hex: '", hash, "' }"), org);
    };
    sign("A", "PARTY_AUTHORITY", "");
    sign("ADMIN", "PARTY_PRIME", "P01");
    draft.Do("N56", "A", "activate_contract { contract_id: 'PC-1' }");
    draft.Do("N56", "ADMIN",
             absl::StrCat("propose_subcontract { subcontract_id: 'SC-1' contract_id: 'PC-1' org: "
                          "'S01' sheet { ", kSheet, " } }"), "P01");
    hash = draft.Reply<subcontractor::v1::Reply>().propose_subcontract().sha256_hex();
    for (const char* org : {"P01", "S01"}) {
      draft.Do("N56", "ADMIN",
               absl::StrCat("sign_subcontract { subcontract_id: 'SC-1' sha256_hex: '", hash,
                            "' }"), org);
    }
  }

  static void Pool(Draft& draft) {
    std::string members, shares, signers;
    for (const auto& [org, ppm] : {std::pair{"P01", 500'000}, {"S01", 300'000}, {"S02", 200'000}}) {
      absl::StrAppend(&members, "members { org: '", org,
                      "' services: 'TSP' geography: 'N56ESSEX' from: '2025-01-01' } ");
      absl::StrAppend(&shares, "shares { org: '", org, "' share_ppm: ", ppm, " } ");
      absl::StrAppend(&signers, "signed_by: '", org, "' ");
    }
    const bool seeds = draft.dice().Chance(500);
    draft.Do("N56", "A", absl::StrCat("open_pool { service: 'TSP' prime_org: 'P01' mode: STRICT "
                                      "tie: ", seeds ? "TIE_HMAC" : "TIE_ID", " ", members, shares,
                                      signers, " }"));
    if (seeds) {
      for (const char* date : {"2025-09-01", "2025-09-02"}) {
        draft.Do("N56", "SYS", absl::StrCat("commit_seed { service: 'TSP' date: '", date,
                                            "' seed: '", std::string(32, date[9]), "' }"));
      }
    }
    for (int n = 1; n <= 3; ++n) {
      const std::string referral = absl::StrCat("R00", n);
      draft.Do("N56", "SYS",
               absl::StrCat("apportion { referral_id: '", referral, "' round: 1 pdu: 'N56ESSEX' "
                            "service: 'TSP' instrument: 'DIFF-1' stratum: 'LOW' }"));
      draft.Do("N56", "SYS", absl::StrCat("settle { apportionment_id: '", referral,
                                          "/1' outcome: ", n == 2 ? "DECLINED" : "ACCEPTED",
                                          n == 2 ? " code: 'UNSAFE'" : "", " }"));
    }
    draft.Do("N56", "A", "suspend_member { service: 'TSP' org: 'S02' cause: 'QUALITY' }");
  }

  static void Money(Draft& draft) {
    if (!draft.State<subcontractor::v1::State>("N56", subcontractor::SubcontractId("SC-1"))
             .has_subcontract()) {
      return;
    }
    for (int n = 1; n <= 2; ++n) {
      draft.Do("N56", "SYS",
               absl::StrCat("accrue_fact { fact { fact_id: 'att/", n, "' kind: ATTENDANCE service: "
                            "'TSP' delivery_org: 'S01' area: 'N56' pdu: 'N56ESSEX' service_date: "
                            "'2025-08-1", n, "' quantity_centi: 100 minutes: 95 code: 'ATTC' } }"));
    }
    draft.Do("N56", "SYS", "close_period { subcontract_id: 'SC-1' month: '2025-08' }");
    draft.Do("N56", "SYS", "draft_statement { subcontract_id: 'SC-1' month: '2025-08' }");
    draft.Do("N56", "FINANCE", "accept_statement { statement_id: 'SC-1/2025-08' }", "S01");
    if (draft.dice().Chance(600)) draft.Later(absl::Hours(24 * 3));
    draft.Do("N56", "SYS",
             "reverse_fact { fact { fact_id: 'att/1/x' supersedes: 'att/1' cancelled: true kind: "
             "ATTENDANCE service: 'TSP' delivery_org: 'S01' area: 'N56' pdu: 'N56ESSEX' "
             "service_date: '2025-08-11' quantity_centi: 100 minutes: 95 code: 'ATTC' } }");
    if (draft.dice().Chance(500)) draft.Later(absl::Hours(24 * 31));
  }
};

}  // namespace

const ServicePlay& SubcontractorPlay() {
  static const Subcontractor play;
  return play;
}

}  // namespace pdp::sim
