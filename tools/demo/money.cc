#include "tools/demo/money.h"

#include <map>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/base/status_macros.h"
#include "pdp/gateway/v1/gateway_service.grpc.pb.h"
#include "pdp/subcontractor/v1/service.grpc.pb.h"

namespace pdp::demo {
namespace {

namespace gv1 = gateway::v1;
namespace sv1 = subcontractor::v1;

template <typename Request, typename Reply>
absl::StatusOr<Reply> Ask(Platform& platform, Request request,
                          grpc::Status (sv1::SubcontractorService::Stub::*method)(
                              grpc::ClientContext*, const Request&, Reply*)) {
  request.mutable_actor()->set_id("demonstration");
  request.mutable_actor()->add_roles("A");
  Reply reply;
  const grpc::Status status = Patiently(
      platform.subcontractor,
      [&](const std::shared_ptr<grpc::Channel>& channel, grpc::ClientContext* context) {
        reply.Clear();
        const auto stub = sv1::SubcontractorService::NewStub(channel);
        return (stub.get()->*method)(context, request, &reply);
      });
  if (!status.ok()) return absl::FailedPreconditionError(Describe(status));
  return reply;
}

}  // namespace

std::string SubcontractOf(const std::string& area, const std::string& org) {
  return absl::StrCat("SC-", area, "-", org);
}

absl::StatusOr<std::vector<sv1::Charge>> ChargesOf(Platform& platform, const std::string& area,
                                                   const std::string& org,
                                                   const std::string& text) {
  sv1::ListChargesRequest request;
  request.set_area(area);
  request.set_subcontract_id(SubcontractOf(area, org));
  request.mutable_page()->set_page_size(200);
  std::vector<sv1::Charge> charges;
  do {
    ASSIGN_OR_RETURN(const auto page,
                     (Ask<sv1::ListChargesRequest, sv1::ListChargesReply>(
                         platform, request, &sv1::SubcontractorService::Stub::ListCharges)));
    for (const sv1::ChargeView& view : page.charges()) {
      if (absl::StrContains(view.charge().fact_id(), text)) charges.push_back(view.charge());
    }
    request.mutable_page()->set_page_token(page.next_page_token());
  } while (!request.page().page_token().empty());
  return charges;
}

namespace {

// The ledger of a subcontract as it was read: its head is the newest, its entries may lag behind.
struct LedgerReading {
  sv1::LedgerLink head;
  std::map<sv1::Account, int64_t> balances;
  std::vector<sv1::JournalEntry> entries;
  std::vector<sv1::Charge> charges;
};

absl::StatusOr<LedgerReading> ReadLedger(Platform& platform, const std::string& area,
                                         const std::string& org) {
  sv1::GetLedgerRequest request;
  request.set_area(area);
  request.set_subcontract_id(SubcontractOf(area, org));
  request.mutable_page()->set_page_size(200);
  LedgerReading reading;
  do {
    ASSIGN_OR_RETURN(const auto page,
                     (Ask<sv1::GetLedgerRequest, sv1::GetLedgerReply>(
                         platform, request, &sv1::SubcontractorService::Stub::GetLedger)));
    reading.head = page.head();
    reading.balances.clear();
    for (const auto& balance : page.balances()) {
      reading.balances[balance.account()] += balance.amount_pence();
    }
    reading.entries.insert(reading.entries.end(), page.entries().begin(), page.entries().end());
    request.mutable_page()->set_page_token(page.next_page_token());
  } while (!request.page().page_token().empty());
  ASSIGN_OR_RETURN(reading.charges, ChargesOf(platform, area, org, ""));
  return reading;
}

// One that nothing was posted to while it was read.
absl::StatusOr<LedgerReading> ReadLedgerAtRest(Platform& platform, const std::string& area,
                                               const std::string& org) {
  const absl::Time give_up = absl::Now() + absl::Seconds(30);
  ASSIGN_OR_RETURN(LedgerReading reading, ReadLedger(platform, area, org));
  while (absl::Now() < give_up) {
    ASSIGN_OR_RETURN(LedgerReading next, ReadLedger(platform, area, org));
    if (next.head.n() == reading.head.n() && next.entries.size() == next.head.n() &&
        reading.entries.size() == reading.head.n()) {
      return reading;
    }
    reading = std::move(next);
  }
  return absl::DeadlineExceededError(absl::StrCat(
      "the ledger of ", org, " is not at rest: ", reading.entries.size(), " entries, head at ",
      reading.head.n()));
}

}  // namespace

absl::StatusOr<std::string> LedgerFaults(Platform& platform, const std::string& area,
                                         const std::string& org) {
  ASSIGN_OR_RETURN(const LedgerReading reading, ReadLedgerAtRest(platform, area, org));
  std::string faults;
  std::map<sv1::Account, int64_t> sums;
  uint64_t links = 0;
  int64_t cost = 0;
  for (const sv1::JournalEntry& entry : reading.entries) {
    if (entry.link().n() != ++links) {
      absl::StrAppend(&faults, "entry ", entry.link().n(), " stands at ", links, "\n");
    }
    int64_t sum = 0;
    for (const sv1::Posting& posting : entry.postings()) {
      sum += posting.amount_pence();
      sums[posting.account()] += posting.amount_pence();
      if (posting.account() == sv1::SUB_COST) cost += posting.amount_pence();
    }
    if (sum != 0) {
      absl::StrAppend(&faults, "entry ", entry.link().n(), " is ", sum, " pence off balance\n");
    }
  }
  for (const auto& [account, balance] : reading.balances) {
    if (sums[account] != balance) {
      absl::StrAppend(&faults, sv1::Account_Name(account), " stands at ", balance,
                      ", its postings at ", sums[account], "\n");
    }
  }
  std::set<std::string> ids;
  int64_t charged = 0;
  for (const sv1::Charge& charge : reading.charges) {
    if (!ids.insert(charge.charge_id()).second) {
      absl::StrAppend(&faults, charge.charge_id(), " twice\n");
    }
    if (charge.state() == sv1::CHARGE_ACCRUED) charged += charge.amount_pence();
  }
  if (charged != cost) {
    absl::StrAppend(&faults, "charges of ", charged, " pence, cost of ", cost, "\n");
  }
  return faults;
}

absl::StatusOr<AcceptedStatement> AcceptStatement(Platform& platform, const std::string& area,
                                                  const std::string& org,
                                                  const std::string& month) {
  const std::string client = org + "-finance";
  const std::string subcontract = SubcontractOf(area, org);
  gv1::GetStatementRequest get;
  get.set_name(absl::StrCat("subcontracts/", area, "-", subcontract, "/statements/", subcontract,
                            "~", month));
  gv1::Statement statement;
  grpc::Status status =
      platform.gateway.Call<gv1::Money>(client, &gv1::Money::Stub::Get, get, &statement);
  if (ReasonOf(status) == "NOT_FOUND") return absl::NotFoundError(get.name());
  if (!status.ok()) return absl::FailedPreconditionError(Describe(status));
  AcceptedStatement accepted{.name = statement.name(),
                             .net_pence = statement.net_pence(),
                             .vat_pence = statement.vat_pence()};
  for (const gv1::StatementLine& line : statement.lines()) {
    accepted.charge_ids.insert(accepted.charge_ids.end(), line.charge_ids().begin(),
                               line.charge_ids().end());
  }
  accepted.before = statement.status() == "STATEMENT_ACCEPTED";
  if (accepted.before) return accepted;
  gv1::AcceptStatementRequest accept;
  accept.set_name(statement.name());
  accept.set_request_id(RequestIdOf(absl::StrCat("accept ", statement.name())));
  gv1::AcceptStatementReply reply;
  status = platform.gateway.Call<gv1::Money>(client, &gv1::Money::Stub::Accept, accept, &reply);
  if (!status.ok()) return absl::FailedPreconditionError(Describe(status));
  return accepted;
}

}  // namespace pdp::demo
