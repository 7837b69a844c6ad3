#include <algorithm>

#include "libs/rpc/status.h"
#include "services/subcontractor/domain/ledger.h"
#include "services/subcontractor/projections/money.h"
#include "services/subcontractor/projections/subcontracts.h"
#include "services/subcontractor/query_access.h"
#include "services/subcontractor/service_queries.h"

// Organisations, contracts, money.

namespace pdp::subcontractor {
namespace {

// The parties of a subcontract, for who may see its money.
absl::StatusOr<v1::SubcontractState> Parties(const host::ServiceHost& host, Area area,
                                             const std::string& subcontract_id) {
  auto loaded = Load(host, area, SubcontractId(subcontract_id));
  if (!loaded.ok()) return loaded.status();
  return loaded->state.subcontract();
}

grpc::Status CheckMoney(const host::ServiceHost& host, Area area, const common::v1::Actor& actor,
                        const std::string& subcontract_id) {
  const AggregateId id = SubcontractId(subcontract_id);
  const auto subcontract = Parties(host, area, subcontract_id);
  if (!subcontract.ok()) return Failed(subcontract.status(), id);
  if (!IsParty(actor, subcontract->org(), subcontract->prime_org())) return Unseen(id);
  return grpc::Status::OK;
}

// One page of rows in the order of their keys.
template <typename Row, typename Reply, typename Add, typename Keep>
grpc::Status Page(const projection::RowReader& rows, Area area, const std::string& prefix,
                  const common::v1::PageRequest& page, Reply* reply, Keep keep, Add add) {
  const int size = PageSize(page);
  Row row;
  std::string last;
  size_t seen = 0;
  int kept = 0;
  const absl::Status status =
      rows.Scan(area, {.prefix = prefix, .after_key = AfterKey(page), .limit = kScanMax}, &row,
                [&](absl::string_view key, bool) {
                  ++seen;
                  last = std::string(key);
                  if (!keep(row)) return true;
                  add(row);
                  return ++kept < size;
                });
  if (!status.ok()) return rpc::ToStatus(status, "subcontractor");
  if (kept == size || seen == kScanMax) reply->set_next_page_token(TokenOf(last));
  return grpc::Status::OK;
}

}  // namespace

grpc::Status ReadOrganisation(const host::ServiceHost& host,
                              const v1::GetOrganisationRequest& request,
                              v1::GetOrganisationReply* reply) {
  Area nat;
  if (auto status = HostedArea(host, "NAT", &nat); !status.ok()) return status;
  const AggregateId id = OrganisationId(request.org_id());
  if (!IsParty(request.actor(), request.org_id())) return Unseen(id);
  const auto loaded = Load(host, nat, id);
  if (!loaded.ok()) return Failed(loaded.status(), id);
  *reply->mutable_organisation() = loaded->state.organisation().organisation();
  reply->set_version(loaded->version.value());
  return grpc::Status::OK;
}

grpc::Status ReadPrimeContract(const host::ServiceHost& host,
                               const v1::GetPrimeContractRequest& request,
                               v1::GetPrimeContractReply* reply) {
  Area area;
  if (auto status = HostedArea(host, request.area(), &area); !status.ok()) return status;
  const AggregateId id = PrimeContractId(request.contract_id());
  const auto loaded = Load(host, area, id);
  if (!loaded.ok()) return Failed(loaded.status(), id);
  const v1::PrimeContractState& contract = loaded->state.prime_contract();
  if (!IsParty(request.actor(), contract.terms().prime_org())) return Unseen(id);
  reply->set_contract_id(contract.contract_id());
  *reply->mutable_terms() = contract.terms();
  reply->set_sha256_hex(contract.sha256_hex());
  *reply->mutable_signatures() = contract.signatures();
  reply->set_pcg_executed(contract.pcg_executed());
  reply->set_status(contract.status());
  reply->set_version(loaded->version.value());
  return grpc::Status::OK;
}

grpc::Status ReadSubcontract(const host::ServiceHost& host,
                             const v1::GetSubcontractRequest& request,
                             v1::GetSubcontractReply* reply) {
  Area area;
  if (auto status = HostedArea(host, request.area(), &area); !status.ok()) return status;
  const AggregateId id = SubcontractId(request.subcontract_id());
  const auto loaded = Load(host, area, id);
  if (!loaded.ok()) return Failed(loaded.status(), id);
  const v1::SubcontractState& state = loaded->state.subcontract();
  if (!IsParty(request.actor(), state.org(), state.prime_org())) return Unseen(id);
  v1::SubcontractView* view = reply->mutable_subcontract();
  view->set_subcontract_id(state.subcontract_id());
  view->set_contract_id(state.contract_id());
  view->set_org(state.org());
  view->set_prime_org(state.prime_org());
  view->set_area(std::string(area.code()));
  view->set_status(state.status());
  view->set_ends_on(state.ends_on());
  if (!state.versions().empty()) {
    const v1::TermVersion& version = state.versions(state.versions_size() - 1);
    view->set_version(version.version());
    *view->mutable_sheet() = version.sheet();
    view->set_sha256_hex(version.sha256_hex());
    *view->mutable_signatures() = version.signatures();
  }
  reply->set_version(loaded->version.value());
  return grpc::Status::OK;
}

grpc::Status ReadSubcontracts(const host::ServiceHost& host,
                              const v1::ListSubcontractsRequest& request,
                              v1::ListSubcontractsReply* reply) {
  Area area;
  if (auto status = HostedArea(host, request.area(), &area); !status.ok()) return status;
  const auto keep = [&](const v1::SubcontractView& row) {
    // Visibility before any filter and before paging.
    if (!IsParty(request.actor(), row.org(), row.prime_org())) return false;
    if (!request.org().empty() && request.org() != row.org() && request.org() != row.prime_org()) {
      return false;
    }
    if (!request.contract_id().empty() && request.contract_id() != row.contract_id()) return false;
    return request.status() == v1::SUBCONTRACT_STATUS_UNSPECIFIED ||
           request.status() == row.status();
  };
  return Page<v1::SubcontractView>(
      host.rows(Subcontracts::kName), area, "", request.page(), reply, keep,
      [&](const v1::SubcontractView& row) { *reply->add_subcontracts() = row; });
}

grpc::Status ReadCharges(const host::ServiceHost& host, const v1::ListChargesRequest& request,
                         v1::ListChargesReply* reply) {
  Area area;
  if (auto status = HostedArea(host, request.area(), &area); !status.ok()) return status;
  if (auto status = CheckMoney(host, area, request.actor(), request.subcontract_id());
      !status.ok()) {
    return status;
  }
  return Page<v1::ChargeView>(
      host.rows(Money::kName), area,
      Money::ChargePrefix(request.subcontract_id(), request.month()), request.page(), reply,
      [&](const v1::ChargeView& row) {
        return request.state() == v1::CHARGE_STATE_UNSPECIFIED ||
               request.state() == row.charge().state();
      },
      [&](const v1::ChargeView& row) { *reply->add_charges() = row; });
}

grpc::Status ReadLedger(const host::ServiceHost& host, const v1::GetLedgerRequest& request,
                        v1::GetLedgerReply* reply) {
  Area area;
  if (auto status = HostedArea(host, request.area(), &area); !status.ok()) return status;
  if (auto status = CheckMoney(host, area, request.actor(), request.subcontract_id());
      !status.ok()) {
    return status;
  }
  const auto loaded = Load(host, area, LedgerId(request.subcontract_id()));
  // A subcontract that was never charged has an empty ledger.
  if (!loaded.ok() && loaded.status().code() != absl::StatusCode::kNotFound) {
    return rpc::ToStatus(loaded.status(), "subcontractor");
  }
  reply->mutable_head()->set_hash_hex(LedgerStart());
  if (loaded.ok()) {
    *reply->mutable_head() = loaded->state.ledger().link();
    for (const auto& balance : loaded->state.ledger().balances()) {
      v1::AccountBalance* out = reply->add_balances();
      out->set_account(balance.account());
      out->set_amount_pence(balance.amount_pence());
    }
  }
  return Page<v1::JournalEntry>(
      host.rows(Money::kName), area, Money::JournalPrefix(request.subcontract_id()),
      request.page(), reply, [](const v1::JournalEntry&) { return true; },
      [&](const v1::JournalEntry& row) { *reply->add_entries() = row; });
}

grpc::Status ReadStatement(const host::ServiceHost& host, const v1::GetStatementRequest& request,
                           v1::GetStatementReply* reply) {
  Area area;
  if (auto status = HostedArea(host, request.area(), &area); !status.ok()) return status;
  const AggregateId id = StatementId(request.statement_id());
  const auto loaded = Load(host, area, id);
  if (!loaded.ok()) return Failed(loaded.status(), id);
  const v1::StatementState& state = loaded->state.statement();
  if (!IsParty(request.actor(), state.org(), state.prime_org())) return Unseen(id);
  v1::StatementView* view = reply->mutable_statement();
  view->set_statement_id(state.statement_id());
  view->set_subcontract_id(state.subcontract_id());
  view->set_month(state.month());
  view->set_org(state.org());
  view->set_prime_org(state.prime_org());
  view->set_status(state.status());
  *view->mutable_lines() = state.lines();
  view->set_net_pence(state.net_pence());
  view->set_vat_pence(state.vat_pence());
  *view->mutable_ledger() = state.ledger();
  view->set_silence_accepts_on(state.silence_accepts_on());
  reply->set_version(loaded->version.value());
  return grpc::Status::OK;
}

grpc::Status ReadStatements(const host::ServiceHost& host,
                            const v1::ListStatementsRequest& request,
                            v1::ListStatementsReply* reply) {
  Area area;
  if (auto status = HostedArea(host, request.area(), &area); !status.ok()) return status;
  // No subcontract named: every statement the actor is a party of.
  const std::string prefix =
      request.subcontract_id().empty() ? "t/" : Money::StatementPrefix(request.subcontract_id());
  return Page<v1::StatementView>(
      host.rows(Money::kName), area, prefix, request.page(), reply,
      [&](const v1::StatementView& row) {
        if (!IsParty(request.actor(), row.org(), row.prime_org())) return false;
        return request.status() == v1::STATEMENT_STATUS_UNSPECIFIED ||
               request.status() == row.status();
      },
      [&](const v1::StatementView& row) { *reply->add_statements() = row; });
}

grpc::Status ReadChargeTasks(const host::ServiceHost& host,
                             const v1::ListChargeTasksRequest& request,
                             v1::ListChargeTasksReply* reply) {
  Area area;
  if (auto status = HostedArea(host, request.area(), &area); !status.ok()) return status;
  return Page<v1::ChargeTaskView>(
      host.rows(Money::kName), area, Money::kTaskPrefix, request.page(), reply,
      [&](const v1::ChargeTaskView& row) {
        return IsParty(request.actor(), row.org(), row.prime_org());
      },
      [&](const v1::ChargeTaskView& row) { *reply->add_tasks() = row; });
}

}  // namespace pdp::subcontractor
