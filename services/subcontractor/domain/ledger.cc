#include "services/subcontractor/domain/ledger.h"

#include <algorithm>
#include <tuple>

#include "libs/base/check.h"
#include "libs/base/hash.h"

namespace pdp::subcontractor {

std::string LedgerStart() { return std::string(64, '0'); }

v1::LedgerLink NextLink(absl::string_view subcontract_id, const v1::LedgerLink& previous,
                        absl::string_view event_id, const std::vector<v1::Posting>& postings) {
  std::vector<std::pair<std::string, int64_t>> sorted;
  for (const v1::Posting& posting : postings) {
    if (posting.amount_pence() == 0) continue;
    sorted.emplace_back(v1::Account_Name(posting.account()), posting.amount_pence());
  }
  std::sort(sorted.begin(), sorted.end());
  v1::LedgerLink link;
  link.set_n(previous.n() + 1);
  link.set_event_id(std::string(event_id));
  std::string text =
      absl::StrCat(previous.n() == 0 ? LedgerStart() : previous.hash_hex(), "\n");
  for (const auto& [account, pence] : sorted) {
    absl::StrAppend(&text, subcontract_id, "|", link.n(), "|", event_id, "|", account, "|", pence,
                    "\n");
  }
  link.set_hash_hex(Sha256(text).hex());
  return link;
}

std::vector<v1::Posting> AccruePostings(const Parties& parties, int64_t amount_pence) {
  if (amount_pence == 0) return {};
  std::vector<v1::Posting> postings(2);
  postings[0].set_account(v1::SUB_COST);
  postings[0].set_party(parties.prime_org);
  postings[0].set_amount_pence(amount_pence);
  postings[1].set_account(v1::ACCRUED);
  postings[1].set_party(parties.subcontractor_org);
  postings[1].set_amount_pence(-amount_pence);
  return postings;
}

void PostToLedger(Unit& unit, absl::string_view subcontract_id, absl::string_view event_id,
                  const std::vector<v1::Posting>& postings, absl::string_view month) {
  int64_t sum = 0;
  for (const v1::Posting& posting : postings) sum += posting.amount_pence();
  PDP_CHECK(sum == 0, "the postings of an event sum to 0 (SUB-106)");
  const v1::LedgerState* ledger = FindLedger(unit, subcontract_id);
  const v1::LedgerLink previous = ledger == nullptr ? v1::LedgerLink() : ledger->link();
  v1::Event event;
  v1::LedgerPosted* posted = event.mutable_ledger_posted();
  posted->set_subcontract_id(std::string(subcontract_id));
  *posted->mutable_link() = NextLink(subcontract_id, previous, event_id, postings);
  for (const v1::Posting& posting : postings) *posted->add_postings() = posting;
  posted->set_month(std::string(month));
  unit.Emit(LedgerId(subcontract_id), std::move(event));
}

std::string ChargeId(absl::string_view fact_id, absl::string_view rule_id) {
  return absl::StrCat(fact_id, "#", rule_id);
}

std::string ReversalId(const v1::Charge& charge) { return absl::StrCat(charge.charge_id(), "#r"); }

}  // namespace pdp::subcontractor
