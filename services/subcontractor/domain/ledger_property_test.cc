// Invariants of the money at every position, over random histories: SUB-90, 91, 105, 106, 107.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/base/hash.h"
#include "libs/base/random.h"
#include "services/subcontractor/domain/story.h"

namespace pdp::subcontractor {
namespace {

// One revision of a delivery: 14,550 pence each 100 units and, by the hour, 23.75 pounds; nothing
// when the code does not pay or the revision cancels.
struct Revision {
  int quantity_centi;
  int minutes;
  bool pays;
  bool cancels;
  std::string date;
};

// Half to even, without the code under test.
int64_t HalfEven(int64_t numerator, int64_t denominator) {
  int64_t whole = numerator / denominator;
  const int64_t twice = 2 * (numerator % denominator);
  if (twice > denominator || (twice == denominator && whole % 2 != 0)) ++whole;
  return whole;
}

int64_t Pence(const Revision& revision) {
  if (!revision.pays || revision.cancels) return 0;
  return HalfEven(14'550LL * revision.quantity_centi, 100) +
         HalfEven(2'375LL * revision.minutes, 60);
}

class History {
 public:
  explicit History(uint64_t seed) : random_(seed) {
    story_.Contract(
        "prices { rule_id: 'unit' service: 'TSP' model: UNIT kind: ATTENDANCE codes: 'ATTC' "
        "price_micro: 145500000 vat_class: VAT_STANDARD } "
        "prices { rule_id: 'hour' service: 'TSP' model: HOURLY kind: ATTENDANCE codes: 'ATTC' "
        "price_micro: 23750000 vat_class: VAT_EXEMPT }");
  }

  void Step() {
    switch (random_.Below(8)) {
      case 0:
      case 1:
      case 2: return Add();
      case 3:
      case 4: return Correct();
      case 5: return Redeliver();
      case 6: return Late();
      default: return CloseMonth();
    }
  }

  // SUB-106: what must hold after every command.
  void Check() {
    int64_t expected = 0;
    for (const auto& [chain, revisions] : chains_) {
      for (size_t rev = 0; rev < revisions.size(); ++rev) {
        const bool live =
            delivered_.contains({chain, rev}) && !delivered_.contains({chain, rev + 1});
        if (live) expected += Pence(revisions[rev]);
      }
    }
    int64_t all = 0, cost = 0, accrued = 0;
    if (const v1::State* ledger = story_.world.Find(LedgerId("SC-1"))) {
      for (const auto& balance : ledger->ledger().balances()) {
        all += balance.amount_pence();
        if (balance.account() == v1::SUB_COST) cost = balance.amount_pence();
        if (balance.account() == v1::ACCRUED) accrued = balance.amount_pence();
      }
      EXPECT_EQ(ledger->ledger().link().hash_hex(), hash_) << "SUB-107";
      EXPECT_EQ(ledger->ledger().link().n(), links_);
    }
    EXPECT_EQ(all, 0) << "trial balance";
    EXPECT_EQ(cost, expected) << "every live revision charged once, nothing else";
    EXPECT_EQ(accrued, -expected);
    // Ledger = statements + what waits for one.
    int64_t stated = 0, unstated = 0;
    for (const auto& [id, net] : statements_) stated += net;
    for (const std::string& month : months_) {
      const v1::State* book = story_.world.Find(ChargeBookId("SC-1", month));
      if (book == nullptr) continue;
      for (const auto& entry : book->charge_book().unstated()) unstated += entry.amount_pence();
    }
    EXPECT_EQ(stated + unstated, cost);
    // Replay = snapshot.
    for (const auto& [id, state] : replayed_) {
      EXPECT_EQ(state.SerializeAsString(), story_.world.Find(id)->SerializeAsString())
          << id.text();
    }
  }

  int64_t statements() const { return static_cast<int64_t>(statements_.size()); }
  uint64_t links() const { return links_; }

 private:
  void Do(const v1::Command& command) {
    story_.System();
    const Story::Result result = story_.world.When(command);
    ASSERT_TRUE(result.accepted()) << result.reason();
    for (const auto& emitted : result.events) {
      Replay(emitted.aggregate, emitted.event);
      if (emitted.event.has_ledger_posted()) Chain(emitted.event.ledger_posted());
      if (emitted.event.has_charge_accrued()) Balanced(emitted.event.charge_accrued().postings());
      if (emitted.event.has_charge_reversed()) Balanced(emitted.event.charge_reversed().postings());
      if (emitted.event.has_statement_drafted()) {
        const v1::StatementDrafted& drafted = emitted.event.statement_drafted();
        statements_[drafted.statement_id()] = drafted.net_pence();
        EXPECT_EQ(drafted.ledger().hash_hex(), hash_) << "given in each statement";
      }
    }
  }

  template <typename Postings>
  static void Balanced(const Postings& postings) {
    int64_t sum = 0;
    for (const v1::Posting& posting : postings) sum += posting.amount_pence();
    EXPECT_EQ(sum, 0) << "each event sums to 0";
  }

  void Replay(const AggregateId& id, const v1::Event& event) {
    if (id.kind() == "charge_book" || id.kind() == "ledger" || id.kind() == "fact" ||
        id.kind() == "statement") {
      EventFacts facts;
      facts.area = *Area::FromCode("N56");
      facts.recorded_at = story_.world.now();
      Subcontractor::Evolve(replayed_[id], id, event, facts);
    }
  }

  // h_n of SUB-107, from its text.
  void Chain(const v1::LedgerPosted& posted) {
    ++links_;
    std::set<std::pair<std::string, int64_t>> rows;
    for (const v1::Posting& posting : posted.postings()) {
      rows.insert({v1::Account_Name(posting.account()), posting.amount_pence()});
    }
    std::string text = hash_ + "\n";
    for (const auto& [account, pence] : rows) {
      absl::StrAppend(&text, "SC-1|", links_, "|", posted.link().event_id(), "|", account, "|",
                      pence, "\n");
    }
    hash_ = Sha256(text).hex();
    Balanced(posted.postings());
  }

  void Deliver(int chain, size_t rev) {
    const Revision& revision = chains_[chain][rev];
    v1::Command command;
    common::v1::DeliveryFact* fact = revision.cancels
                                         ? command.mutable_reverse_fact()->mutable_fact()
                                         : command.mutable_accrue_fact()->mutable_fact();
    fact->set_fact_id(absl::StrCat("att/", chain, "/", rev + 1));
    fact->set_kind(common::v1::DeliveryFact::ATTENDANCE);
    fact->set_service("TSP");
    fact->set_delivery_org("S01");
    fact->set_area("N56");
    fact->set_pdu("N56ESSEX");
    fact->set_service_date(revision.date);
    fact->set_quantity_centi(revision.quantity_centi);
    fact->set_minutes(revision.minutes);
    fact->set_code(revision.pays ? "ATTC" : "UAAB");
    fact->set_cancelled(revision.cancels);
    if (rev > 0) fact->set_supersedes(absl::StrCat("att/", chain, "/", rev));
    delivered_.insert({chain, rev});
    Do(command);
  }

  Revision Any(const std::string& date) {
    return {.quantity_centi = static_cast<int>(random_.Below(500)),
            .minutes = static_cast<int>(random_.Below(241)),
            .pays = random_.Below(4) != 0,
            .cancels = false,
            .date = date};
  }
  std::string AnyDate() {
    const std::string& month = months_[random_.Below(months_.size())];
    return absl::StrCat(month, month == "2025-07" ? "-2" : "-1", random_.Below(10));
  }

  void Add() {
    const int chain = static_cast<int>(chains_.size());
    chains_[chain] = {Any(AnyDate())};
    // Some originals come after their correction, or never.
    if (random_.Below(4) == 0) return;
    Deliver(chain, 0);
  }
  void Correct() {
    if (chains_.empty()) return;
    const int chain = static_cast<int>(random_.Below(chains_.size()));
    std::vector<Revision>& revisions = chains_[chain];
    if (revisions.back().cancels) return;
    Revision next = Any(revisions.back().date);
    next.cancels = random_.Below(4) == 0;
    if (next.cancels) next.quantity_centi = 0;
    revisions.push_back(next);
    if (random_.Below(4) == 0) return;
    Deliver(chain, revisions.size() - 1);
  }
  void Redeliver() {
    if (delivered_.empty()) return;
    auto it = delivered_.begin();
    std::advance(it, random_.Below(delivered_.size()));
    Deliver(it->first, it->second);
  }
  // What was held back arrives.
  void Late() {
    for (const auto& [chain, revisions] : chains_) {
      for (size_t rev = 0; rev < revisions.size(); ++rev) {
        if (!delivered_.contains({chain, rev})) return Deliver(chain, rev);
      }
    }
  }
  void CloseMonth() {
    if (closed_ == months_.size()) return;
    const std::string month = months_[closed_++];
    const Date first = *ParseDate(absl::StrCat(month, "-01"));
    story_.world.At(absl::StrCat(FormatDate(AddMonths(first, 1)), "T06:00:00Z"));
    Do(Parse(absl::StrCat("close_period { subcontract_id: 'SC-1' month: '", month, "' }")));
    Do(Parse(absl::StrCat("draft_statement { subcontract_id: 'SC-1' month: '", month, "' }")));
    Do(Parse(absl::StrCat("draft_statement { subcontract_id: 'SC-1' month: '", month, "' }")));
  }

  SplitMix64 random_;
  Story story_;
  const std::vector<std::string> months_ = {"2025-07", "2025-08", "2025-09", "2025-10", "2025-11"};
  size_t closed_ = 0;
  std::map<int, std::vector<Revision>> chains_;
  std::set<std::pair<int, size_t>> delivered_;
  std::map<std::string, int64_t> statements_;
  std::map<AggregateId, v1::State> replayed_;
  std::string hash_ = std::string(64, '0');
  uint64_t links_ = 0;
};

TEST(LedgerPropertyTest, TheInvariantsHoldAtEveryPosition) {
  int64_t statements = 0;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    History history(seed);
    for (int step = 0; step < 60; ++step) {
      history.Step();
      history.Check();
      if (::testing::Test::HasFailure()) FAIL() << "at step " << step;
    }
    EXPECT_GT(history.links(), 20u) << "the history is not trivial";
    statements += history.statements();
  }
  EXPECT_GT(statements, 100);
}

}  // namespace
}  // namespace pdp::subcontractor
