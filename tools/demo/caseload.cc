#include "tools/demo/caseload.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "libs/base/random.h"

namespace pdp::demo {
namespace {

namespace rv1 = referral::v1;

constexpr std::array<const char*, 24> kGivenM = {
    "Adrian", "Bilal", "Callum", "Darren", "Edwin",  "Farid",  "Gareth",  "Hassan",
    "Imran",  "Jakub", "Kieran", "Lamar",  "Marlon", "Nathan", "Oluwole", "Pawel",
    "Quentin", "Ravi", "Stefan", "Tomasz", "Umar",   "Victor", "Wesley",  "Zack"};
constexpr std::array<const char*, 16> kGivenF = {
    "Amara", "Bethan", "Chloe", "Danuta", "Esther", "Fatima", "Grace",  "Hannah",
    "Ioana", "Jasmin", "Keira", "Leanne", "Megan",  "Nadia",  "Olivia", "Priya"};
constexpr std::array<const char*, 32> kFamily = {
    "Abara",   "Barlow",   "Cresswell", "Dunmore", "Eastgate", "Fenwick", "Garrod",  "Hallam",
    "Ibbotson", "Jessop",  "Kowal",     "Lathbury", "Mardle",  "Nunn",    "Okoro",   "Pargeter",
    "Quantrill", "Rahman", "Skeels",    "Thurlow", "Ubsdell",  "Varley",  "Wymark",  "Yallop",
    "Zielinski", "Ainsley", "Bright",   "Catchpole", "Doyle",  "Ede",     "Frostick", "Goddard"};
constexpr std::array<const char*, 10> kEthnicity = {"W1", "W1", "W1", "W1", "W1",
                                                    "W9", "A1", "B1", "B2", "M1"};

class Draw {
 public:
  Draw(uint64_t seed, uint64_t n) : random_(seed * 1'000'003 + n) {
    random_.Next();
  }
  int64_t Between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(random_.Below(static_cast<uint64_t>(high - low + 1)));
  }
  bool OneIn(int n) { return Between(1, n) == 1; }
  bool Percent(int p) { return Between(1, 100) <= p; }
  template <typename List>
  auto Of(const List& list) {
    return list[random_.Below(list.size())];
  }

 private:
  SplitMix64 random_;
};

rv1::RecordNeeds Section(const std::string& crn) {
  rv1::RecordNeeds record;
  record.set_crn(crn);
  record.set_source("RO");
  return record;
}

void AddNeeds(Draw& draw, bool woman, int age, SyntheticPerson* out) {
  const std::string& crn = out->crn;
  const bool other_language = draw.Percent(7);
  rv1::RecordNeeds written = Section(crn);
  written.mutable_answers()->mutable_written()->set_language(other_language ? "pl" : "en");
  written.mutable_answers()->mutable_written()->add_formats(draw.Percent(15) ? "EASY_READ"
                                                                            : "STANDARD");
  out->needs.push_back(written);
  rv1::RecordNeeds interpreter = Section(crn);
  auto* i = interpreter.mutable_answers()->mutable_interpreter();
  i->set_needed(other_language ? rv1::YES : rv1::NO);
  if (other_language) i->set_language("pl");
  out->needs.push_back(interpreter);
  rv1::RecordNeeds learning = Section(crn);
  learning.mutable_answers()->mutable_learning_difficulty()->set_screening(
      draw.Percent(12) ? "SUSPECTED" : draw.Percent(5) ? "CONFIRMED" : "NO");
  out->needs.push_back(learning);
  rv1::RecordNeeds ete = Section(crn);
  auto* e = ete.mutable_answers()->mutable_ete();
  e->set_need(draw.Percent(40) ? "SOME" : draw.Percent(30) ? "HIGH" : "NONE");
  if (e->need() != "NONE") e->add_areas("EMPLOYMENT");
  out->needs.push_back(ete);
  if (woman) {
    rv1::RecordNeeds choice = Section(crn);
    auto* w = choice.mutable_answers()->mutable_women_programme();
    w->set_delivery_choice(draw.Percent(40) ? "WOMEN_ONLY" : "WITH_OTHER_WOMEN");
    w->set_female_facilitator(draw.Percent(50) ? "REQUESTED" : "NOT_WANTED");
    out->needs.push_back(choice);
  }
  if (age <= 25) {
    rv1::RecordNeeds maturity = Section(crn);
    maturity.mutable_answers()->mutable_maturity()->set_screening(draw.Percent(30) ? "LOW" : "OK");
    out->needs.push_back(maturity);
  }
}

void AddRisk(Draw& draw, bool domestic_abuse, Date today, SyntheticPerson* out) {
  out->risk.set_crn(out->crn);
  rv1::Risk* risk = out->risk.mutable_risk();
  risk->set_ogrs3_bp(static_cast<int32_t>(draw.Between(1000, 9000)));
  risk->set_ovp_bp(static_cast<int32_t>(draw.Between(500, 7000)));
  risk->set_sara(domestic_abuse ? (draw.Percent(50) ? rv1::MEDIUM : rv1::HIGH) : rv1::LOW);
  risk->set_rosh(draw.Percent(45) ? rv1::LOW : draw.Percent(75) ? rv1::MEDIUM : rv1::HIGH);
  rv1::RiskItems* items = risk->mutable_items();
  const auto item = [&] { return static_cast<int32_t>(draw.Between(0, 2)); };
  items->set_i2_6(item());
  items->set_i7_2(item());
  items->set_i11_3(item());
  items->set_i11_4(item());
  items->set_i11_6(item());
  items->set_i11_7(item());
  items->set_i11_9(item());
  items->set_i12_1(item());
  risk->set_tb_rosh(draw.Percent(20));
  risk->set_att_rosh(draw.Percent(20));
  risk->set_acute_mh(false);
  risk->set_substance_stable(true);
  risk->set_breach_in_12_months(draw.Percent(10));
  risk->set_assessed_on(FormatDate(today - draw.Between(1, 120)));
}

void AddSentence(Draw& draw, bool woman, bool domestic_abuse, const CaseloadOptions& options,
                 SyntheticPerson* out) {
  rv1::RegisterSentence& sentence = out->sentence;
  sentence.set_crn(out->crn);
  sentence.set_event_no(1);
  const bool community = draw.Percent(65);
  sentence.set_order_type(community ? "201" : "341");
  const Date sentenced = options.today - draw.Between(3, 300);
  sentence.set_sentenced_on(FormatDate(sentenced));
  sentence.set_end_on(FormatDate(AddMonths(sentenced, static_cast<int>(draw.Between(14, 36)))));
  sentence.set_court(absl::StrCat(options.area, "MC", draw.Between(1, 6)));
  sentence.set_area(options.area);
  rv1::Offence* offence = sentence.add_offences();
  offence->set_code(absl::StrCat(draw.Between(100, 199)));
  offence->set_main(true);
  offence->set_sexual(draw.Percent(2) ? rv1::MARK_YES : rv1::MARK_NO);
  offence->set_extremism(rv1::MARK_NO);
  offence->set_domestic_abuse(domestic_abuse ? rv1::MARK_YES : rv1::MARK_NO);
  offence->set_partner_sex(domestic_abuse ? (woman ? "M" : "F") : "NONE");
  int no = 0;
  const auto add = [&](const char* main, const char* sub) {
    rv1::Requirement* requirement = sentence.add_requirements();
    requirement->set_no(++no);
    requirement->set_ext_main(main);
    requirement->set_ext_sub(sub);
    requirement->set_imposed_on(sentence.sentenced_on());
    return requirement;
  };
  const int64_t kind = draw.Between(1, 6);
  if (kind <= 2) {
    rv1::Requirement* work = add("W", "W01");
    work->set_length(draw.Between(4, 30) * 10);
    work->set_unit("HOURS");
    work->set_occasion_id(absl::StrCat(out->crn, "-1"));
  }
  if (kind == 3) {
    rv1::Requirement* programme = add("7", domestic_abuse ? "APBBR" : "APTSP");
    programme->set_unit("NONE");
  }
  rv1::Requirement* activity = add("F", "");
  activity->set_length(draw.Between(10, 40));
  activity->set_unit("DAYS");
}

}  // namespace

SyntheticPerson MakePerson(const CaseloadOptions& options, uint64_t n) {
  Draw draw(options.seed, n);
  SyntheticPerson out;
  out.crn = absl::StrCat("T", 100000 + n);
  const bool woman = draw.OneIn(9);
  const int age = static_cast<int>(18 + (draw.Between(0, 47) + draw.Between(0, 24)) / 2);
  const bool domestic_abuse = draw.Percent(40);
  rv1::Identity* identity = out.person.mutable_identity();
  out.person.set_crn(out.crn);
  identity->mutable_name()->set_given(woman ? draw.Of(kGivenF) : draw.Of(kGivenM));
  identity->mutable_name()->set_family(draw.Of(kFamily));
  identity->set_date_of_birth(
      FormatDate(AddMonths(options.today, -12 * age) - draw.Between(1, 364)));
  identity->set_sex(woman ? "F" : "M");
  identity->set_ethnicity(draw.Of(kEthnicity));
  identity->mutable_contact()->set_address(absl::StrCat(draw.Between(1, 99), " Example Street"));
  identity->mutable_contact()->set_no_fixed_abode(draw.Percent(6));
  out.person.set_home_area(options.area);
  out.person.set_pdu(draw.Of(options.pdus));
  AddNeeds(draw, woman, age, &out);
  AddRisk(draw, domestic_abuse, options.today, &out);
  AddSentence(draw, woman, domestic_abuse, options, &out);
  return out;
}

rv1::CaseloadLine ToLine(const SyntheticPerson& person) {
  rv1::CaseloadLine line;
  *line.mutable_person() = person.person;
  for (const rv1::RecordNeeds& section : person.needs) {
    line.mutable_needs()->MergeFrom(section.answers());
  }
  *line.mutable_risk() = person.risk.risk();
  *line.add_sentences() = person.sentence;
  line.mutable_sentences(0)->clear_crn();
  return line;
}

}  // namespace pdp::demo
