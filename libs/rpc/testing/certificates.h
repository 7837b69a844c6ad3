#ifndef PDP_LIBS_RPC_TESTING_CERTIFICATES_H_
#define PDP_LIBS_RPC_TESTING_CERTIFICATES_H_

#include <string>

#include "absl/strings/string_view.h"

namespace pdp::rpc::testing {

// A certificate authority of a test: makes PEM files in a folder of its own, removed with it.
// For tests only; the process ends when OpenSSL refuses.
class TestAuthority {
 public:
  TestAuthority();
  ~TestAuthority();
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;

  struct Pair {
    std::string certificate_file, key_file;
  };
  const std::string& ca_file() const { return ca_file_; }
  const std::string& folder() const { return folder_; }
  // A certificate for localhost and 127.0.0.1 with one more name: `uri` as URI name when not empty.
  Pair Issue(const std::string& common_name, const std::string& uri = "");

  static std::string Read(const std::string& path);
  static void Write(const std::string& path, absl::string_view text);

 private:
  std::string folder_, ca_file_;
  void* ca_certificate_ = nullptr;
  void* ca_key_ = nullptr;
  long serial_ = 1;
};

}  // namespace pdp::rpc::testing

#endif  // PDP_LIBS_RPC_TESTING_CERTIFICATES_H_
