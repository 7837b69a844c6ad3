#include "services/referral/domain/routing.h"

#include <set>

#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/criteria/verdict.h"
#include "services/referral/domain/difficulty.h"
#include "services/referral/domain/tokens.h"
#include "services/referral/reference/shipped_catalogue.h"

// Worked examples W-5 and W-6 of the referral specification, row by row.
namespace pdp::referral {
namespace {

using v1::Decision;

Date D(absl::string_view text) { return *ParseDate(text); }

void SetItems(v1::Risk& risk, const std::vector<int>& items) {
  // REF-49 order: 2.6, 7.2, 11.4, 11.6, 11.7, 11.9, 12.1; -1: missing.
  v1::RiskItems* out = risk.mutable_items();
  out->Clear();
  if (items[0] >= 0) out->set_i2_6(items[0]);
  if (items[1] >= 0) out->set_i7_2(items[1]);
  if (items[2] >= 0) out->set_i11_4(items[2]);
  if (items[3] >= 0) out->set_i11_6(items[3]);
  if (items[4] >= 0) out->set_i11_7(items[4]);
  if (items[5] >= 0) out->set_i11_9(items[5]);
  if (items[6] >= 0) out->set_i12_1(items[6]);
}

const std::vector<int> kOnes = {1, 1, 1, 1, 1, 1, 1};

// Decision 2025-09-01, male, born 1990, COMMUNITY, source RAR, stable, reads, end 2026-12-31.
class RoutingTest : public ::testing::Test {
 protected:
  RoutingTest() {
    in_.line = "PROGRAMME";
    in_.need = "COGNITIVE";
    in_.decided_on = D("2025-09-01");
    in_.catalogue = &ShippedCatalogue();
    in_.person.identity.set_sex("M");
    in_.person.identity.set_date_of_birth("1990-01-01");
    in_.person.needs.mutable_reading()->set_reads_simple_sentences(v1::YES);
    in_.person.needs.mutable_learning_difficulty()->set_screening("NO");
    v1::Risk& risk = in_.person.risk;
    risk.set_assessed_on("2025-08-01");
    risk.set_substance_stable(true);
    risk.set_acute_mh(false);
    in_.sentence.set_crn("Z000001");
    in_.sentence.set_event_no(1);
    in_.sentence.set_order_type("201");
    in_.sentence.set_order_kind("COMMUNITY");
    in_.sentence.set_end_on("2026-12-31");
    v1::Offence* offence = in_.sentence.add_offences();
    offence->set_sexual(v1::MARK_NO);
    offence->set_extremism(v1::MARK_NO);
    offence->set_domestic_abuse(v1::MARK_NO);
    AddRequirement(1, "RAR");
    in_.requirement_no = 1;
  }

  v1::Requirement& AddRequirement(int no, const std::string& kind) {
    v1::Requirement* requirement = in_.sentence.add_requirements();
    requirement->set_no(no);
    requirement->set_kind(kind);
    requirement->set_status(v1::REQUIREMENT_LIVE);
    return *requirement;
  }
  void MakeDomesticAbuse(const std::string& partner_sex) {
    in_.need = "DOMESTIC_ABUSE";
    in_.sentence.mutable_offences(0)->set_domestic_abuse(v1::MARK_YES);
    in_.sentence.mutable_offences(0)->set_partner_sex(partner_sex);
  }
  v1::Risk& risk() { return in_.person.risk; }

  // "TSP", "SI_COG COG-GEN/1; TSP/1:O1", "NEEDS_INFORMATION; unknown TSP/1:O1; flag ..."
  std::string Decide(const common::v1::PolicySet& set = ShippedPolicySet()) {
    const Decision d = DecideRouting(in_, Policy(set, in_.decided_on));
    std::string text =
        d.outcome() == Decision::ROUTED ? d.route() : Decision::Outcome_Name(d.outcome());
    if (d.outcome() == Decision::ROUTED && d.route() != "UPW") text += " " + d.version_ref();
    if (!d.review_on().empty()) text += " to " + d.review_on();
    if (d.reasons_size() > 0) text += "; " + absl::StrJoin(d.reasons(), ", ");
    if (d.unknown_size() > 0) text += "; unknown " + absl::StrJoin(d.unknown(), ", ");
    if (d.flags_size() > 0) text += "; flag " + absl::StrJoin(d.flags(), ", ");
    return text;
  }

  RoutingInputs in_;
};

TEST_F(RoutingTest, W5aTheFirstStepIsTheProgrammeAndBelowItsThresholdTheIntervention) {
  SetItems(risk(), {1, 0, 1, 1, 1, 1, 0});
  risk().set_ogrs3_bp(5000);
  EXPECT_EQ(Decide(), "TSP TSP/1");
  risk().set_ogrs3_bp(4999);
  EXPECT_EQ(Decide(), "SI_COG COG-GEN/1; TSP/1:O1");
}

// REF-44, REF-47, REF-54.
TEST_F(RoutingTest, W5bAProgrammeThatCannotFinishInTimeOpensTheGate) {
  SetItems(risk(), kOnes);
  risk().set_ogrs3_bp(6200);
  in_.sentence.set_end_on("2026-02-16");
  EXPECT_EQ(Decide(), "TSP TSP/1");
  in_.sentence.set_end_on("2026-02-15");
  EXPECT_EQ(Decide(), "SI_COG COG-GEN/1; TSP/1:NOT_FEASIBLE_IN_TIME; flag SHORT_ORDER_CHECK");
  in_.estimates["TSP/1"] = "2026-01-18";
  EXPECT_EQ(Decide(), "TSP TSP/1");
}

TEST_F(RoutingTest, W5cAConfirmedLearningDifficultyRulesTheProgrammeOut) {
  SetItems(risk(), kOnes);
  risk().set_ogrs3_bp(6200);
  in_.person.needs.mutable_learning_difficulty()->set_screening("CONFIRMED");
  EXPECT_EQ(Decide(), "SI_COG COG-GEN/1; TSP/1:O3");
}

TEST_F(RoutingTest, W5dAMissingScoreAsksForInformation) {
  SetItems(risk(), {2, 2, 1, 0, 0, 0, 0});
  EXPECT_EQ(Decide(), "NEEDS_INFORMATION; unknown TSP/1:O1");
}

// REF-45, REF-49.
TEST_F(RoutingTest, W5eAMissingItemIsUnknownOnlyWhileItCouldDecide) {
  risk().set_ogrs3_bp(8000);
  SetItems(risk(), {1, 1, 1, 0, 0, 1, -1});
  EXPECT_EQ(Decide(), "NEEDS_INFORMATION; unknown TSP/1:O2");
  SetItems(risk(), {1, 0, 1, 0, 0, 0, -1});
  EXPECT_EQ(Decide(), "NOT_ELIGIBLE; TSP/1:O2, COG-GEN/1:O2");
}

TEST_F(RoutingTest, W5fBuildingBetterRelationshipsNeedsEighteenMonths) {
  MakeDomesticAbuse("F");
  risk().set_sara(v1::MEDIUM);
  SetItems(risk(), {1, 1, 1, 1, 1, 0, 0});
  in_.sentence.set_end_on("2027-03-01");
  EXPECT_EQ(Decide(), "BBR BBR/1");
  in_.sentence.set_end_on("2027-02-28");
  EXPECT_EQ(Decide(), "SI_DA DA-GEN/1; BBR/1:O2; flag DA-GEN/1:A1");
}

TEST_F(RoutingTest, W5gAWomanGetsTheWomensVersion) {
  MakeDomesticAbuse("M");
  in_.person.identity.set_sex("F");
  SetItems(risk(), {1, 1, 1, 1, 1, 0, 0});
  EXPECT_EQ(Decide(), "SI_DA DA-W/1; BBR/1:R2, BBR/1:O2, BBR/1:O4");
}

// REF-43.
TEST_F(RoutingTest, W5hEmotionalManagementWithAndWithoutTheGate) {
  in_.need = "EMOTIONAL_MANAGEMENT";
  risk().set_ovp_bp(2000);
  SetItems(risk(), {1, 1, 1, 1, 1, 0, 0});
  risk().set_tb_rosh(true);
  in_.sentence.set_end_on("2026-05-31");
  risk().set_ogrs3_bp(4500);
  EXPECT_EQ(Decide(), "SI_EM EM-GEN/1; TSP/1:O1; flag SHORT_ORDER_CHECK");
  risk().set_ogrs3_bp(5500);
  EXPECT_EQ(Decide(), "TSP TSP/1");
  common::v1::PolicySet no_gate = ShippedPolicySet();
  for (common::v1::PolicyRow& row : *no_gate.mutable_rows()) {
    if (row.reason() == "em-no-gate") row.set_effective_from("2025-01-01");
  }
  EXPECT_EQ(Decide(no_gate), "SI_EM EM-GEN/1; flag SHORT_ORDER_CHECK");
}

// REF-42, REF-46.
TEST_F(RoutingTest, W5iSexualOffencesStayWithTheNationalServiceButUnpaidWorkDoesNot) {
  in_.sentence.mutable_offences(0)->set_sexual(v1::MARK_YES);
  EXPECT_EQ(Decide(), "RETAINED_NPS; SEXUAL_OFFENCE");
  in_.line = "UPW";
  AddRequirement(2, "UPW");
  in_.requirement_no = 2;
  EXPECT_EQ(Decide(), "UPW");
}

// REF-50, REF-51.
TEST_F(RoutingTest, W5jTheCourtsProgrammeIsNeverSwappedSilently) {
  SetItems(risk(), kOnes);
  risk().set_ogrs3_bp(3000);
  in_.sentence.clear_requirements();
  AddRequirement(1, "AP").set_named_route("TSP");
  EXPECT_EQ(Decide(), "COURT_CONFLICT; TSP/1:O1");
  AddRequirement(2, "RAR");
  in_.proceed_alternative = true;
  EXPECT_EQ(Decide(), "SI_COG COG-GEN/1; TSP/1:O1");
  in_.proceed_alternative = false;
  in_.requirement_no = 2;
  risk().set_acute_mh(true);
  EXPECT_EQ(Decide(), "DEFERRED to 2025-09-29; TSP/1:O1, COG-GEN/1:O9");
}

TEST_F(RoutingTest, MissingDataNeverOpensTheGateOfAnIntervention) {
  // REF-44: with any one fact missing the outcome is never an SI without an AP reason.
  SetItems(risk(), kOnes);
  risk().set_ogrs3_bp(6200);
  risk().clear_ogrs3_bp();
  EXPECT_EQ(Decide(), "NEEDS_INFORMATION; unknown TSP/1:O1");
  risk().set_ogrs3_bp(6200);
  risk().set_assessed_on("2024-08-31");  // 366 days: all of RISK is unknown (REF-49).
  EXPECT_EQ(Decide(), "NEEDS_INFORMATION; unknown TSP/1:O1, TSP/1:O2");
  risk().set_assessed_on("2024-09-01");
  EXPECT_EQ(Decide(), "TSP TSP/1");
}

TEST_F(RoutingTest, ARefusedVersionIsNotSuitableAndARouteWithoutVersionIsAGap) {
  SetItems(risk(), kOnes);
  risk().set_ogrs3_bp(6200);
  in_.not_suitable = {"TSP/1"};
  EXPECT_EQ(Decide(), "SI_COG COG-GEN/1; TSP/1:NOT_SUITABLE");
  v1::Catalogue without = ShippedCatalogue();
  for (v1::CatalogueVersion& version : *without.mutable_versions()) {
    if (version.route() == "SI_COG") version.set_planned_sessions(5);  // REF-55.
  }
  in_.catalogue = &without;
  EXPECT_EQ(Decide(), "NOT_ELIGIBLE; TSP/1:NOT_SUITABLE, SI_COG:CATALOGUE_GAP");
}

TEST_F(RoutingTest, AFutureProgrammeNeedsAVersionAndALadderEntryAndNoCode) {
  // REF-55: the shipped test programme XTEST.
  v1::Catalogue catalogue = ShippedCatalogue();
  v1::CatalogueVersion* version = catalogue.add_versions();
  version->set_version_ref("XTEST/1");
  version->set_route("XTEST");
  version->set_route_kind("AP");
  version->set_span_weeks(4);
  version->set_open_from("2025-01-01");
  auto* criterion = version->add_criteria();
  criterion->set_id("R1");
  criterion->set_rule("age >= 18");
  common::v1::PolicySet set = ShippedPolicySet();
  common::v1::PolicyRow* row = set.add_rows();
  row->set_key("ladder.COGNITIVE");
  row->set_value("XTEST,TSP,SI_COG");
  row->set_effective_from("2025-01-01");
  in_.catalogue = &catalogue;
  EXPECT_EQ(Decide(set), "XTEST XTEST/1");
}

// REF-56.
TEST_F(RoutingTest, SameInputsGiveTheIdenticalDecision) {
  SetItems(risk(), kOnes);
  risk().set_ogrs3_bp(6200);
  const Policy policy = Policy::Shipped(in_.decided_on);
  const Decision first = DecideRouting(in_, policy);
  EXPECT_EQ(first.SerializeAsString(), DecideRouting(in_, policy).SerializeAsString());
  risk().set_ogrs3_bp(6201);
  EXPECT_NE(first.inputs_hash(), DecideRouting(in_, policy).inputs_hash());
}

// REF-40, REF-41, REF-58.
TEST_F(RoutingTest, UnderEighteenIsNotEligibleOnAnyLineButSignposting) {
  in_.person.identity.set_date_of_birth("2008-02-29");
  in_.decided_on = D("2026-02-28");
  EXPECT_EQ(Decide(), "NOT_ELIGIBLE; UNDER_AGE");
  in_.line = "SIGNPOST";
  EXPECT_EQ(Decide(), "SIGNPOSTED");
}

// REF-59.
TEST(DifficultyTest, W6Diff1) {
  PersonFacts facts;
  facts.risk.set_ogrs3_bp(5200);
  facts.risk.set_ovp_bp(2500);
  facts.risk.set_sara(v1::MEDIUM);
  facts.risk.set_rosh(v1::MEDIUM);
  facts.needs.mutable_barriers()->add_barriers()->set_code("HOUSING");
  EXPECT_EQ(AssessDifficulty(facts, false).score(), 4);
  EXPECT_EQ(AssessDifficulty(facts, false).stratum(), "MEDIUM");

  EXPECT_EQ(AssessDifficulty(PersonFacts(), false).score(), 3);
  EXPECT_EQ(AssessDifficulty(PersonFacts(), false).stratum(), "LOW");

  facts.risk.set_ogrs3_bp(7800);
  facts.risk.set_ovp_bp(6100);
  facts.risk.set_sara(v1::LOW);
  facts.risk.set_rosh(v1::HIGH);
  facts.needs.mutable_learning_difficulty()->set_screening("SUSPECTED");
  facts.needs.mutable_barriers()->add_barriers()->set_code("HEALTH");
  facts.needs.mutable_barriers()->add_barriers()->set_code("DIGITAL");
  EXPECT_EQ(AssessDifficulty(facts, false).score(), 9);
  EXPECT_EQ(AssessDifficulty(facts, false).stratum(), "HIGH");
}

// REF-7, REF-8, REF-13.
TEST(TokensTest, AWomanOnAnInterventionGetsHerChoicesAndUnpaidWorkItsOwn) {
  PersonFacts facts;
  facts.identity.set_sex("F");
  facts.identity.set_ethnicity("B1");
  facts.needs.mutable_written()->set_language("cy");
  facts.needs.mutable_written()->add_formats("EASY_READ");
  facts.needs.mutable_women_programme()->set_delivery_choice("DECLINED");
  facts.needs.mutable_women_programme()->set_female_facilitator("REQUESTED");
  facts.needs.mutable_women_work()->set_workplace_choice("DECLINED");
  facts.needs.mutable_access()->set_step_free(v1::YES);
  const Policy policy = Policy::Shipped(D("2025-09-01"));
  EXPECT_EQ(absl::StrJoin(DeriveTokens(facts, "SI", policy), " "),
            "CULTURAL_COMPETENCY_OR_SHARED_IDENTITY FEMALE_FACILITATOR STEP_FREE "
            "TRAUMA_INFORMED_STAFF WOMEN_SAFE_ANY WRITTEN:cy:EASY_READ");
  EXPECT_EQ(absl::StrJoin(DeriveTokens(facts, "UPW", policy), " "),
            "NOT_ALL_MALE STEP_FREE WRITTEN:cy:EASY_READ");
  facts.identity.set_gender_identity("GIM");  // REF-7.
  EXPECT_EQ(absl::StrJoin(DeriveTokens(facts, "UPW", policy), " "),
            "STEP_FREE WRITTEN:cy:EASY_READ");
}

// Spans as REF-48 prints them, sessions as PRG section 9 counts them.
TEST(ShippedCatalogueTest, IsTheCatalogueOfProgrammesAsReferralReadsIt) {
  struct Row {
    const char* ref;
    const char* route;
    const char* kind;
    int span_weeks;
    int planned_sessions;
    bool women_only;
    size_t criteria;
  };
  const Row rows[] = {
      {"TSP/1", "TSP", "AP", 16, 19, false, 4},      {"BBR/1", "BBR", "AP", 21, 30, false, 8},
      {"EM-GEN/1", "SI_EM", "SI", 10, 9, false, 6},  {"EM-W/1", "SI_EM", "SI", 9, 8, true, 7},
      {"COG-GEN/1", "SI_COG", "SI", 8, 7, false, 6}, {"COG-W/1", "SI_COG", "SI", 8, 7, true, 7},
      {"DA-GEN/1", "SI_DA", "SI", 11, 10, false, 6}, {"DA-W/1", "SI_DA", "SI", 8, 7, true, 7},
  };
  // Drafts are not read: BCM/1 is in the file and not here.
  ASSERT_EQ(ShippedCatalogue().versions_size(), static_cast<int>(std::size(rows)));
  std::set<std::string> hashes;
  for (int i = 0; i < ShippedCatalogue().versions_size(); ++i) {
    const v1::CatalogueVersion& version = ShippedCatalogue().versions(i);
    const Row& row = rows[i];
    EXPECT_EQ(version.version_ref(), row.ref);
    EXPECT_EQ(version.route(), row.route);
    EXPECT_EQ(version.route_kind(), row.kind);
    EXPECT_EQ(version.span_weeks(), row.span_weeks) << row.ref;
    EXPECT_EQ(version.planned_sessions(), row.planned_sessions) << row.ref;
    EXPECT_EQ(version.women_only(), row.women_only) << row.ref;
    EXPECT_EQ(version.criteria_size(), static_cast<int>(row.criteria)) << row.ref;
    EXPECT_TRUE(version.outcomes_stated()) << row.ref;
    EXPECT_TRUE(ParseDate(version.open_from())) << row.ref;
    EXPECT_OK(criteria::CheckCriteria(version.criteria())) << row.ref;
    EXPECT_EQ(version.content_hash().size(), 64u);
    EXPECT_TRUE(hashes.insert(version.content_hash()).second) << row.ref;
  }
}

TEST(ReferenceDataTest, EveryPolicyKeyIsKnownOnceADate) {
  std::set<std::string> seen;
  for (const common::v1::PolicyRow& row : ShippedPolicySet().rows()) {
    EXPECT_FALSE(row.key().empty() || row.value().empty() || row.basis().empty());
    EXPECT_TRUE(row.effective_from().empty() || ParseDate(row.effective_from())) << row.key();
    if (!row.effective_from().empty()) {
      EXPECT_TRUE(seen.insert(row.key() + "@" + row.effective_from()).second) << row.key();
    }
  }
  for (const v1::CodeList& list : ShippedCodeLists().lists()) {
    std::set<std::string> codes;
    for (const v1::CodeList::Code& code : list.codes()) {
      EXPECT_TRUE(codes.insert(code.code()).second) << list.name() << " " << code.code();
    }
  }
}

}  // namespace
}  // namespace pdp::referral
