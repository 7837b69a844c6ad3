#include "libs/rpc/reason_registry.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"
#include "libs/base/check.h"
#include "libs/base/log.h"
#include "libs/base/status_macros.h"

namespace pdp::rpc {

// The embedded files; written by the build (embed_reasons.cmake).
const std::vector<std::pair<std::string, std::string>>& EmbeddedReasonFiles();

namespace {

class FirstError final : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, int column, const std::string& message) override {
    if (text.empty()) text = absl::StrCat("line ", line + 1, ": ", message);
  }
  std::string text;
};

bool WellFormed(absl::string_view code) {
  if (code.empty() || code[0] < 'A' || code[0] > 'Z') return false;
  return code.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") ==
         absl::string_view::npos;
}

}  // namespace

absl::StatusOr<ReasonRegistry> ReasonRegistry::Parse(
    const std::vector<std::pair<std::string, std::string>>& files) {
  ReasonRegistry registry;
  for (const auto& [name, text] : files) {
    common::v1::ReasonCodes codes;
    FirstError error;
    google::protobuf::TextFormat::Parser parser;
    parser.RecordErrorsTo(&error);
    if (!parser.ParseFromString(text, &codes)) {
      return absl::InvalidArgumentError(absl::StrCat(name, ": ", error.text));
    }
    for (const auto& code : codes.codes()) {
      const auto wrong = [&, &file = name](absl::string_view what) {
        return absl::InvalidArgumentError(absl::StrCat(file, ": ", code.code(), " ", what));
      };
      if (!WellFormed(code.code())) return wrong("is not UPPER_SNAKE_CASE");
      if (code.status() == common::v1::ReasonCode::STATUS_UNSPECIFIED) {
        return wrong("has no status");
      }
      if (code.owner().empty()) return wrong("has no owner");
      if (code.text_en().empty()) return wrong("has no English text");
      const auto [it, added] = registry.codes_.emplace(code.code(), code);
      if (!added && it->second.status() != code.status()) {
        return wrong(absl::StrCat("already means something else to ", it->second.owner()));
      }
    }
  }
  return registry;
}

const ReasonRegistry& ReasonRegistry::Global() {
  static const ReasonRegistry* const registry = [] {
    absl::StatusOr<ReasonRegistry> parsed = Parse(EmbeddedReasonFiles());
    PDP_CHECK(parsed.ok(), std::string(parsed.status().message()));
    return new ReasonRegistry(*std::move(parsed));
  }();
  return *registry;
}

const common::v1::ReasonCode* ReasonRegistry::Find(absl::string_view code) const {
  const auto it = codes_.find(std::string(code));
  return it == codes_.end() ? nullptr : &it->second;
}

grpc::StatusCode ReasonRegistry::StatusOf(absl::string_view code) const {
  if (const common::v1::ReasonCode* known = Find(code)) {
    return static_cast<grpc::StatusCode>(known->status());
  }
  PDP_LOG(ERROR) << "reason code " << code << " is not registered";
  return grpc::StatusCode::FAILED_PRECONDITION;
}

}  // namespace pdp::rpc
