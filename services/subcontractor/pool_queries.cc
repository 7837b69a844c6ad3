#include <algorithm>
#include <map>

#include "absl/strings/escaping.h"
#include "libs/base/hash.h"
#include "libs/base/timestamp.h"
#include "libs/privacy/key_vault.h"
#include "libs/rpc/status.h"
#include "services/subcontractor/domain/commands.h"
#include "services/subcontractor/domain/draw.h"
#include "services/subcontractor/domain/replay.h"
#include "services/subcontractor/projections/pool_trace.h"
#include "services/subcontractor/query_access.h"
#include "services/subcontractor/service_queries.h"

// Pools: members, capacity, draws, verification.

namespace pdp::subcontractor {
namespace {

// The pool when the actor may see it: the authority, or a member.
absl::StatusOr<Loaded> LoadPool(const host::ServiceHost& host, Area area,
                                const std::string& service, const common::v1::Actor& actor) {
  auto loaded = Load(host, area, PoolId(area, service));
  if (!loaded.ok()) return loaded.status();
  const v1::PoolState& pool = loaded->state.pool();
  const bool member = !actor.organisation().empty() &&
                      FindMember(pool, actor.organisation()) != nullptr;
  if (!pool.opened() || (!SeesAll(actor) && !member)) return absl::NotFoundError("not visible");
  return loaded;
}

// Stable, and opaque without the key of the pool (SUB-52).
std::string Pseudonym(const std::string& secret, const std::string& referral_id) {
  return HmacSha256(secret, referral_id).hex().substr(0, 32);
}

void Hide(const std::string& secret, v1::DrawView* view) {
  v1::DrawRequest* request = view->mutable_draw()->mutable_request();
  const std::string pseudonym = Pseudonym(secret, request->referral_id());
  request->set_referral_id(pseudonym);
  request->set_apportionment_id(ApportionmentId(pseudonym, request->round()));
  // What a referral needs says something about its person.
  request->clear_tokens();
  request->clear_excluded_orgs();
  request->clear_conflicted_orgs();
  view->mutable_draw()->clear_exclusions();
  view->set_pseudonym(true);
}

// A draw or an override as one row of the list; false for any other event.
bool ViewOf(const v1::PoolTraceRow& row, v1::DrawView* view) {
  *view->mutable_recorded_at() = row.recorded_at();
  if (row.event().has_referral_apportioned()) {
    *view->mutable_draw() = row.event().referral_apportioned().draw();
    view->set_draw_no(view->draw().draw_no());
    return true;
  }
  if (row.event().has_allocation_overridden()) {
    const v1::AllocationOverridden& overridden = row.event().allocation_overridden();
    v1::Draw* draw = view->mutable_draw();
    *draw->mutable_request() = overridden.request();
    *draw->mutable_shares() = overridden.shares();
    *draw->mutable_increments() = overridden.increments();
    draw->set_winner(overridden.to_org());
    draw->set_drawn_on(overridden.overridden_on());
    view->set_overridden_to(overridden.to_org());
    return true;
  }
  return false;
}

}  // namespace

grpc::Status ReadPool(const host::ServiceHost& host, const v1::GetPoolRequest& request,
                      v1::GetPoolReply* reply) {
  Area area;
  if (auto status = HostedArea(host, request.area(), &area); !status.ok()) return status;
  const auto loaded = LoadPool(host, area, request.service(), request.actor());
  if (!loaded.ok()) return Failed(loaded.status(), PoolId(area, request.service()));
  const v1::PoolState& pool = loaded->state.pool();
  reply->set_service(pool.service());
  reply->set_prime_org(pool.prime_org());
  reply->set_mode(pool.mode());
  reply->set_beta_num(pool.beta_num());
  reply->set_beta_den(pool.beta_den());
  reply->set_tie(pool.tie());
  reply->set_batch_minutes(pool.batch_minutes());
  const auto shares = SharesOn(pool, LocalDate(host.clock().Now()));
  for (const v1::PoolMember& member : pool.members()) {
    v1::MemberView* view = reply->add_members();
    *view->mutable_terms() = member.terms();
    view->set_status(member.status());
    view->set_share_ppm(shares.at(member.terms().org()));
    view->set_total_deficit_nano(NanoOf(pool.totals(), member.terms().org()));
    // Another member's capacity and load are its own business.
    if (!IsParty(request.actor(), member.terms().org())) continue;
    *view->mutable_capacity() = member.capacity();
    view->set_open_count(member.open_count());
    view->set_won_this_week(member.won_this_week());
  }
  for (const v1::Bucket& bucket : pool.buckets()) {
    v1::BucketView* view = reply->add_buckets();
    view->set_key(bucket.key());
    *view->mutable_deficits() = bucket.deficits();
  }
  reply->set_queued(static_cast<uint32_t>(pool.queue_size()));
  reply->set_version(loaded->version.value());
  return grpc::Status::OK;
}

grpc::Status ReadCapacity(const host::ServiceHost& host, const v1::GetCapacityRequest& request,
                          v1::GetCapacityReply* reply) {
  Area area;
  if (auto status = HostedArea(host, request.area(), &area); !status.ok()) return status;
  const auto loaded = LoadPool(host, area, request.service(), request.actor());
  if (!loaded.ok()) return Failed(loaded.status(), PoolId(area, request.service()));
  const std::string week = FormatDate(WeekStart(LocalDate(host.clock().Now())));
  for (const v1::PoolMember& member : loaded->state.pool().members()) {
    const std::string& org = member.terms().org();
    if (!request.org().empty() && request.org() != org) continue;
    if (!IsParty(request.actor(), org)) continue;
    auto* row = reply->add_rows();
    row->set_org(org);
    *row->mutable_declarations() = member.capacity();
    row->set_open_count(member.open_count());
    row->set_won_this_week(member.week_start() == week ? member.won_this_week() : 0);
  }
  return grpc::Status::OK;
}

grpc::Status ReadAllocation(const host::ServiceHost& host, const v1::GetAllocationRequest& request,
                            v1::GetAllocationReply* reply) {
  Area area;
  if (auto status = HostedArea(host, request.area(), &area); !status.ok()) return status;
  const AggregateId id = AllocationId(request.apportionment_id());
  const auto loaded = Load(host, area, id);
  if (!loaded.ok()) return Failed(loaded.status(), id);
  const v1::Allocation& allocation = loaded->state.allocation().allocation();
  if (!IsParty(request.actor(), allocation.winner())) return Unseen(id);
  *reply->mutable_allocation() = allocation;
  reply->set_version(loaded->version.value());
  return grpc::Status::OK;
}

grpc::Status ReadDraws(const host::ServiceHost& host, const v1::ListDrawsRequest& request,
                       v1::ListDrawsReply* reply) {
  Area area;
  if (auto status = HostedArea(host, request.area(), &area); !status.ok()) return status;
  const AggregateId id = PoolId(area, request.service());
  const auto loaded = LoadPool(host, area, request.service(), request.actor());
  if (!loaded.ok()) return Failed(loaded.status(), id);
  // Through whose eyes: an organisation's own, or for the authority whose it names.
  const bool all = SeesAll(request.actor()) && request.viewer_org().empty();
  const std::string viewer =
      SeesAll(request.actor()) ? request.viewer_org() : request.actor().organisation();
  const auto key =
      host.vault().Obtain(absl::StrCat("pseudonym/", area.code(), "/", request.service()));
  if (!key.ok()) return rpc::ToStatus(key.status(), "subcontractor");
  const int size = PageSize(request.page());
  v1::PoolTraceRow row;
  std::string last;
  size_t seen = 0;
  const absl::Status status = host.rows(PoolTrace::kName)
      .Scan(area,
            {.prefix = PoolTrace::EventPrefix(request.service()),
             .after_key = AfterKey(request.page()),
             .limit = kScanMax},
            &row, [&](absl::string_view row_key, bool) {
              ++seen;
              last = std::string(row_key);
              v1::DrawView view;
              if (!ViewOf(row, &view)) return true;
              if (!request.provider().empty() && request.provider() != view.draw().winner()) {
                return true;
              }
              if (!request.stratum().empty() &&
                  request.stratum() != view.draw().request().stratum()) {
                return true;
              }
              if (!all && view.draw().winner() != viewer) Hide(key->secret, &view);
              *reply->add_draws() = std::move(view);
              return reply->draws_size() < size;
            });
  if (!status.ok()) return rpc::ToStatus(status, "subcontractor");
  // The pseudonyms must be the same after a restart.
  if (const absl::Status synced = host.vault().Sync(); !synced.ok()) {
    return rpc::ToStatus(synced, "subcontractor");
  }
  if (reply->draws_size() == size || seen == kScanMax) reply->set_next_page_token(TokenOf(last));
  return grpc::Status::OK;
}

grpc::Status ReadVerification(const host::ServiceHost& host, const v1::VerifyPoolRequest& request,
                              v1::VerifyPoolReply* reply) {
  Area area;
  if (auto status = HostedArea(host, request.area(), &area); !status.ok()) return status;
  const auto loaded = LoadPool(host, area, request.service(), request.actor());
  if (!loaded.ok()) return Failed(loaded.status(), PoolId(area, request.service()));
  const projection::RowReader& rows = host.rows(PoolTrace::kName);
  v1::PoolTraceRow row;
  std::map<std::string, std::string> seeds;
  absl::Status status = rows.Scan(
      area, {.prefix = PoolTrace::SeedPrefix(request.service()), .limit = 100'000}, &row,
      [&](absl::string_view, bool) {
        const v1::SeedRevealed& revealed = row.event().seed_revealed();
        seeds[revealed.date()] = absl::HexStringToBytes(revealed.seed_hex());
        return true;
      });
  PoolReplay replay(area, request.service(), std::move(seeds));
  // In slices: each scan is one snapshot, and history only grows.
  std::string after;
  bool more = status.ok();
  uint64_t version = 0;
  while (more) {
    size_t seen = 0;
    status = rows.Scan(area,
                       {.prefix = PoolTrace::EventPrefix(request.service()),
                        .after_key = after,
                        .limit = kScanMax},
                       &row, [&](absl::string_view key, bool) {
                         ++seen;
                         after = std::string(key);
                         return replay.Apply(row.event(),
                                             EventFacts{area, Version(++version),
                                                        FromTimestamp(row.recorded_at()),
                                                        FromTimestamp(row.occurred_at())});
                       });
    more = status.ok() && seen == kScanMax && replay.finding().empty();
  }
  if (!status.ok()) return rpc::ToStatus(status, "subcontractor");
  reply->set_intact(replay.finding().empty());
  reply->set_digest_hex(FiguresDigest(replay.pool()));
  reply->set_draws(replay.draws());
  reply->set_ties_unproved(replay.ties_unproved());
  if (!replay.finding().empty()) {
    // The whole finding names referrals; a member gets the fact that there is one.
    reply->set_finding(SeesAll(request.actor()) ? replay.finding() : "a draw differs");
    if (SeesAll(request.actor())) {
      reply->set_differing_referral_id(replay.differing_referral_id());
    }
  }
  return grpc::Status::OK;
}

}  // namespace pdp::subcontractor
