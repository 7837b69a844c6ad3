#ifndef PDP_SERVICES_SUBCONTRACTOR_DOMAIN_STORY_H_
#define PDP_SERVICES_SUBCONTRACTOR_DOMAIN_STORY_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "google/protobuf/text_format.h"
#include "libs/decider/testkit.h"
#include "services/subcontractor/domain/draw.h"
#include "services/subcontractor/domain/subcontractor.h"

// A world with the prime P01 and the charities S01 and S02 (A and B of the worked examples), for
// tests only.

namespace pdp::subcontractor {

inline v1::Command Parse(const std::string& text) {
  v1::Command command;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &command)) << text;
  return command;
}

class Story {
 public:
  using World = decider::World<Subcontractor>;
  using Result = World::Result;

  struct PoolOptions {
    std::map<std::string, int64_t> shares = {{"P01", 500000}, {"S01", 300000}, {"S02", 200000}};
    std::string mode = "STRICT";
    std::string tie = "TIE_ID";
    int batch_minutes = 0;
    std::string prime = "P01";
    // Text of further fields of every member.
    std::string member = "geography: 'N56ESSEX'";
    std::string service = "TSP";
  };

  Story() {
    world.In("N56").At("2025-09-01T09:00:00Z");
    System();
  }

  World& System() { return world.As("system", {"SYS"}); }
  World& Authority() { return world.As("am-1", {"A"}); }
  World& Org(const std::string& org, const std::string& function) {
    return world.As(org + "-user", {function}, org);
  }

  Result OpenPool(const PoolOptions& options) {
    std::string members, shares, signers;
    for (const auto& [org, ppm] : options.shares) {
      absl::StrAppend(&members, "members { org: '", org, "' services: '", options.service, "' ",
                      options.member, " from: '2025-01-01' } ");
      absl::StrAppend(&shares, "shares { org: '", org, "' share_ppm: ", ppm, " } ");
      absl::StrAppend(&signers, "signed_by: '", org, "' ");
    }
    Authority();
    Result result = world.When(Parse(absl::StrCat(
        "open_pool { service: '", options.service, "' prime_org: '", options.prime, "' mode: ",
        options.mode, " tie: ", options.tie, " batch_minutes: ", options.batch_minutes, " ",
        members, shares, signers, " }")));
    System();
    return result;
  }

  Result Apportion(const std::string& referral, int round, const std::string& more = "",
                   const std::string& stratum = "LOW") {
    System();
    return world.When(Parse(absl::StrCat(
        "apportion { referral_id: '", referral, "' round: ", round,
        " pdu: 'N56ESSEX' service: 'TSP' instrument: 'DIFF-1' stratum: '", stratum, "' ", more,
        " }")));
  }

  // The winner of a new referral: R001, R002, ...
  std::string Draw(const std::string& more = "", const std::string& stratum = "LOW") {
    const Result result = Apportion(absl::StrFormat("R%03d", ++referrals), 1, more, stratum);
    EXPECT_TRUE(result.accepted()) << result.reason();
    return result.accepted() ? result.reply().apportion().org() : "";
  }

  // "P A B" of n draws, in the letters of the specification.
  std::string Draws(int n) {
    std::string letters;
    for (int i = 0; i < n; ++i) Add(letters, Draw());
    return letters;
  }
  static void Add(std::string& letters, const std::string& org) {
    absl::StrAppend(&letters, letters.empty() ? "" : " ",
                    org == "P01" ? "P" : org == "S01" ? "A" : org == "S02" ? "B" : org);
  }

  Result Settle(const std::string& id, const std::string& rest) {
    System();
    return world.When(
        Parse(absl::StrCat("settle { apportionment_id: '", id, "' ", rest, " }")));
  }

  static std::string Sheet(const std::string& prices) {
    return absl::StrCat(
        "scope { service: 'TSP' pdus: 'N56ESSEX' } scope { service: 'BBR' pdus: 'N56ESSEX' } "
        "pool_shares { service: 'TSP' share_ppm: 300000 } "
        "monthly_volume { service: 'TSP' baseline: 20 band_low_ppm: 900000 band_high_ppm: 1100000 "
        "} "
        "targets { kpi_id: 'K1' target_ppm: 900000 direction: AT_LEAST } payment_days: 30 "
        "liability_cap_pence: 5000000 at_risk_share_ppm: 0 start: '2025-07-20' end: '2026-12-31' "
        "notice_days: 90 variation_notice_days: 30 dispute_route: 'authority' "
        "annual_value_pence: 30000000 capabilities: 'FEMALE_FACILITATOR' ",
        prices.empty() ? "prices { rule_id: 'att' service: 'TSP' model: UNIT kind: ATTENDANCE "
                         "codes: 'ATTC' price_micro: 145500000 vat_class: VAT_STANDARD }"
                       : prices);
  }
  static constexpr char kTerms[] =
      "lot_id: 'L1' prime_org: 'P01' scope { service: 'TSP' pdus: 'N56ESSEX' pdus: 'N56NORFOLK' } "
      "scope { service: 'BBR' pdus: 'N56ESSEX' } from: '2025-01-01' to: '2027-12-31' regime: "
      "'PCR2015' annual_value_pence: 320000000 total_value_pence: 960000000 "
      "kpis { kpi_id: 'K1' } kpis { kpi_id: 'K2' } kpis { kpi_id: 'K3' } at_risk_income_pence: 100 "
      "expected_income_pence: 1000 commitments_count: 1";

  // PC-1 of P01, active.
  void PrimeContract(const std::string& terms = kTerms) {
    System();
    const Result created = world.When(Parse(
        absl::StrCat("create_prime_contract { contract_id: 'PC-1' terms { ", terms, " } }")));
    ASSERT_TRUE(created.accepted()) << created.reason();
    const std::string hash = created.reply().create_prime_contract().sha256_hex();
    const auto sign = [&](const char* party) {
      return world.When(Parse(absl::StrCat("sign_contract { contract_id: 'PC-1' party: ", party,
                                           " sha256_hex: '", hash, "' }")));
    };
    Authority();
    ASSERT_TRUE(sign("PARTY_AUTHORITY").accepted());
    Org("P01", "ADMIN");
    ASSERT_TRUE(sign("PARTY_PRIME").accepted());
    Authority();
    ASSERT_TRUE(world.When(Parse("activate_contract { contract_id: 'PC-1' }")).accepted());
  }
  Result Propose(const std::string& sheet) {
    Org("P01", "ADMIN");
    return world.When(
        Parse(absl::StrCat("propose_subcontract { subcontract_id: 'SC-1' contract_id: "
                           "'PC-1' org: 'S01' sheet { ",
                           sheet, " } }")));
  }
  Result Sign(const std::string& org, const std::string& hash) {
    Org(org, "ADMIN");
    return world.When(Parse(absl::StrCat(
        "sign_subcontract { subcontract_id: 'SC-1' sha256_hex: '", hash, "' }")));
  }
  // SC-1 of S01 with these prices, signed by both; for TSP and another service.
  void Contract(const std::string& prices, const std::string& other = "BBR") {
    const auto with = [&](const std::string& text) {
      return absl::StrReplaceAll(text, {{"'BBR'", absl::StrCat("'", other, "'")}});
    };
    PrimeContract(with(kTerms));
    const Result proposed = Propose(with(Sheet(prices)));
    ASSERT_TRUE(proposed.accepted()) << proposed.reason();
    const std::string hash = proposed.reply().propose_subcontract().sha256_hex();
    ASSERT_TRUE(Sign("P01", hash).accepted());
    ASSERT_TRUE(Sign("S01", hash).accepted());
    System();
  }

  const v1::PoolState& pool(const std::string& service = "TSP") const {
    return world.Find(PoolId(*Area::FromCode("N56"), service))->pool();
  }
  int64_t Deficit(const std::string& org, const std::string& bucket = "LOW:P01,S01,S02") const {
    const v1::Bucket* found = FindBucket(pool(), bucket);
    return found == nullptr ? 0 : NanoOf(found->deficits(), org);
  }
  int64_t Total(const std::string& org) const { return NanoOf(pool().totals(), org); }
  // Deficits of P01, S01, S02 in a bucket.
  std::vector<int64_t> Deficits(const std::string& bucket = "LOW:P01,S01,S02") const {
    return {Deficit("P01", bucket), Deficit("S01", bucket), Deficit("S02", bucket)};
  }
  std::vector<int64_t> Totals() const { return {Total("P01"), Total("S01"), Total("S02")}; }

  World world;
  int referrals = 0;
};

}  // namespace pdp::subcontractor

#endif  // PDP_SERVICES_SUBCONTRACTOR_DOMAIN_STORY_H_
