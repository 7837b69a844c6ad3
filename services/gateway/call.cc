#include "services/gateway/call.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/util/time_util.h"
#include "libs/base/hash.h"
#include "libs/base/log.h"
#include "libs/rpc/auth.h"

namespace pdp::gateway {
namespace {

constexpr absl::Duration kDeadlineDefault = absl::Seconds(10);
constexpr absl::Duration kDeadlineMax = absl::Seconds(60);
constexpr int kPageDefault = 50, kPageMax = 200;

std::string Header(const grpc::CallbackServerContext& context, const char* name) {
  const auto& metadata = context.client_metadata();
  const auto it = metadata.find(name);
  return it == metadata.end() ? "" : std::string(it->second.data(), it->second.size());
}

std::string ReasonOf(const grpc::Status& status) {
  return status.ok() ? "" : rpc::FromStatus(status)->reason;
}

}  // namespace

grpc::Status Refuse(grpc::StatusCode code, const std::string& reason, const std::string& detail) {
  return rpc::MakeStatus(
      {.code = code, .message = detail, .reason = reason, .domain = "gateway"});
}

grpc::Status NotVisible() {
  return Refuse(grpc::StatusCode::PERMISSION_DENIED, "NOT_VISIBLE",
                "it does not exist, or you may not see it");
}

grpc::Status BadField(const std::string& field, const std::string& reason,
                      const std::string& detail) {
  return rpc::MakeStatus({.code = grpc::StatusCode::INVALID_ARGUMENT,
                          .message = detail,
                          .reason = reason,
                          .domain = "gateway",
                          .violations = {{.code = reason, .field = field, .detail = detail}}});
}

grpc::Status Outward(const grpc::Status& status, bool top_level) {
  if (status.ok()) return status;
  rpc::ErrorDetails error = *rpc::FromStatus(status);
  if (top_level && (error.reason == "NOT_FOUND" || error.reason == "NOT_YOUR_ORGANISATION" ||
                    error.reason == "NOT_AUTHORISED")) {
    return NotVisible();
  }
  if (error.reason == "COMMAND_ID_REUSED") {
    return BadField("request_id", "REQUEST_ID_REUSED",
                    "this request_id was used for another request");
  }
  if (error.reason == "VERSION_CONFLICT") {
    error.reason = "ETAG_MISMATCH";
    error.code = grpc::StatusCode::ABORTED;
    error.message = "it was changed meanwhile: read it again";
    error.metadata.erase("current_version");
  }
  if (error.code == grpc::StatusCode::DEADLINE_EXCEEDED) {
    error.message = "the outcome is not known: retry with the same request_id";
    if (error.reason.empty()) error.reason = "DEADLINE_EXCEEDED";
  }
  if (error.reason.empty()) {
    error.code = grpc::StatusCode::UNAVAILABLE;
    error.reason = "UNAVAILABLE";
    error.domain = "gateway";
  }
  // Where a cell lives is no business of a tenant.
  error.metadata.erase(rpc::kOwnerMetadata);
  return rpc::MakeStatus(error);
}

grpc::Status CallPath::Begin(const grpc::CallbackServerContext& context, const char* method,
                             const google::protobuf::Message& request, Call* call) {
  call->method = method;
  call->rule = &parts_.rules.Of(method);
  call->started = parts_.clock.Now();
  const absl::Time asked = absl::FromChrono(context.deadline());
  // A caller without a deadline has one far away.
  call->deadline = asked > call->started + kDeadlineMax * 60
                       ? call->started + kDeadlineDefault
                       : std::min(asked, call->started + kDeadlineMax);
  call->idempotency_key = Header(context, "idempotency-key");
  call->if_match = Header(context, "if-match");
  call->request_sha256 = FilterHash(request);
  if (call->rule->resource != nullptr) {
    call->resource = request.GetReflection()->GetString(request, call->rule->resource);
  }
  const rpc::PeerIdentity peer = rpc::PeerOf(context);
  Evidence evidence{.authorization = Header(context, "authorization"),
                    .forwarded_certificate = Header(context, "x-forwarded-client-cert")};
  if (peer.authenticated) {
    evidence.certificate_pem = peer.certificate_pem;
    evidence.names = peer.names;
  }
  absl::StatusOr<Principal> principal = parts_.authenticator.Authenticate(evidence);
  if (!principal.ok()) return rpc::ToStatus(principal.status(), "gateway");
  call->principal = *std::move(principal);
  return rpc::CheckShape(request, "gateway");
}

grpc::Status CallPath::Admit(const google::protobuf::Message& request, Call* call) {
  const common::v1::AuthRule& auth = call->rule->auth;
  const auto& wanted = auth.party();
  const auto allowed = [&](common::v1::Party party) {
    return std::find(wanted.begin(), wanted.end(), static_cast<int>(party)) != wanted.end();
  };
  if (call->rule->resource != nullptr) {
    absl::StatusOr<std::set<common::v1::Party>> parties =
        parts_.visibility.PartiesOn(call->principal, call->resource, call->deadline);
    if (!parties.ok()) return Outward(rpc::ToStatus(parties.status(), "gateway"), false);
    if (parties->empty()) return NotVisible();
    call->parties = *std::move(parties);
    const bool may = allowed(common::v1::ANY_PARTY) ||
                     std::any_of(call->parties.begin(), call->parties.end(), allowed);
    if (!may) {
      return Refuse(grpc::StatusCode::PERMISSION_DENIED, "NOT_AUTHORISED",
                    "not for your side of it");
    }
  } else if (call->principal.standing != common::v1::PARTY_UNSPECIFIED &&
             !allowed(common::v1::ANY_PARTY) && !allowed(call->principal.standing)) {
    return Refuse(grpc::StatusCode::PERMISSION_DENIED, "NOT_AUTHORISED", "not for your standing");
  }
  if (!auth.function().empty()) {
    const bool has = std::any_of(auth.function().begin(), auth.function().end(), [&](int function) {
      return call->principal.Has(static_cast<common::v1::Function>(function));
    });
    if (!has) {
      return Refuse(grpc::StatusCode::PERMISSION_DENIED, "FUNCTION_REQUIRED",
                    "your credential lacks the function for this");
    }
  }
  return grpc::Status::OK;
}

grpc::Status CallPath::End(const Call& call, grpc::Status status) {
  v1::AccessRecord record;
  const absl::Time now = parts_.clock.Now();
  *record.mutable_time() = google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(
      absl::ToUnixMicros(call.started));
  record.set_client(call.principal.client);
  record.set_method(call.method);
  record.set_resource(call.resource);
  record.set_decision(absl::StatusCodeToString(static_cast<absl::StatusCode>(status.error_code())));
  record.set_reason(ReasonOf(status));
  record.set_latency_micros(absl::ToInt64Microseconds(now - call.started));
  record.set_request_sha256(call.request_sha256);
  record.set_rows(call.rows);
  record.set_person_data(call.rule->auth.person_data());
  const absl::Status written = parts_.access_log.Append(call.principal.tenant, record);
  if (!written.ok()) {
    PDP_LOG(ERROR) << written.message();
    if (status.ok() && call.rule->auth.person_data()) {
      return Refuse(grpc::StatusCode::UNAVAILABLE, "AUDIT_UNAVAILABLE",
                    "the access log cannot be written");
    }
  }
  return status;
}

grpc::ServerUnaryReactor* CallPath::Serve(grpc::CallbackServerContext* context, const char* method,
                                          const google::protobuf::Message& request,
                                          google::protobuf::Message* reply, Handler handler) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  auto call = std::make_shared<Call>();
  const auto finish = [this, reactor, call, reply](grpc::Status status) {
    status = End(*call, std::move(status));
    if (!status.ok()) reply->Clear();
    reactor->Finish(status);
  };
  if (grpc::Status begun = Begin(*context, method, request, call.get()); !begun.ok()) {
    finish(begun);
    return reactor;
  }
  if (const auto wait = parts_.quotas.Take(call->principal.tenant, call->rule->rate_class)) {
    finish(rpc::MakeStatus({.code = grpc::StatusCode::RESOURCE_EXHAUSTED,
                            .message = absl::StrCat("too many ", call->rule->rate_class, " calls"),
                            .reason = "QUOTA_EXCEEDED",
                            .domain = "gateway",
                            .quota = true,
                            .retry_after = *wait}));
    return reactor;
  }
  const bool queued = parts_.workers.Run(
      call->principal.tenant, [this, &request, call, handler = std::move(handler), finish] {
        grpc::Status status = Admit(request, call.get());
        finish(status.ok() ? handler(*call) : status);
      });
  if (!queued) {
    finish(Refuse(grpc::StatusCode::RESOURCE_EXHAUSTED, "QUEUE_FULL",
        "too many calls are waiting"));
  }
  return reactor;
}

bool IsUuid4(const std::string& text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    if (hyphen ? text[i] != '-' : !absl::ascii_isxdigit(static_cast<unsigned char>(text[i]))) {
      return false;
    }
  }
  return text[14] == '4' && absl::StrContains("89abAB", text.substr(19, 1));
}

grpc::Status MakeHeader(const Call& call, const Sealer& sealer, const std::string& request_id,
                        const std::string& etag, const std::string& resource, bool validate_only,
                        const std::vector<std::string>& roles,
                        common::v1::CommandHeader* header) {
  if (!request_id.empty() && !call.idempotency_key.empty() && request_id != call.idempotency_key) {
    return BadField("request_id", "REQUEST_ID_CONFLICT",
                    "request_id and the header idempotency-key differ");
  }
  const std::string& id = request_id.empty() ? call.idempotency_key : request_id;
  if (!IsUuid4(id)) {
    return BadField("request_id", "REQUEST_ID_MALFORMED", "request_id is a UUID of version 4");
  }
  const std::string& tag = etag.empty() ? call.if_match : etag;
  if (!tag.empty()) {
    const absl::StatusOr<uint64_t> version = sealer.VersionOf(resource, tag);
    if (!version.ok()) return rpc::ToStatus(version.status(), "gateway");
    header->set_expected_version(*version);
  }
  const Digest digest = Sha256(absl::StrCat(call.principal.tenant, "|", call.method, "|",
                                            absl::AsciiStrToLower(id)));
  header->set_command_id(std::string(digest.view().substr(0, CommandId::kBytes)));
  header->set_tenant(call.principal.tenant);
  header->set_correlation_id(absl::StrCat("gateway/", id));
  header->set_validate_only(validate_only);
  *header->mutable_actor() = ActorOf(call.principal, roles);
  return grpc::Status::OK;
}

std::vector<std::string> PartyRoles(const Call& call, const std::string& function) {
  std::vector<std::string> roles;
  if (call.parties.count(common::v1::PRIME) > 0) roles.push_back("P");
  if (call.parties.count(common::v1::SUBCONTRACTOR) > 0) roles.push_back("S");
  roles.push_back(function);
  return roles;
}

grpc::Status MakePage(const Call& call, const Sealer& sealer,
                      const google::protobuf::Message& request, int page_size,
                      const std::string& page_token, common::v1::PageRequest* page) {
  if (page_size < 0) return BadField("page_size", "PAGE_SIZE_NEGATIVE", "page_size is 0 to 200");
  const absl::StatusOr<std::string> cursor =
      sealer.OpenPage(call.principal.tenant, call.method, request, page_token);
  if (!cursor.ok()) return rpc::ToStatus(cursor.status(), "gateway");
  page->set_page_size(page_size == 0 ? kPageDefault : std::min(page_size, kPageMax));
  page->set_page_token(*cursor);
  return grpc::Status::OK;
}

}  // namespace pdp::gateway
