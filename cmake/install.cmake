# What is installed: the libraries, the two headers, the command, a CMake package, a pkg-config file; CPack makes a .deb
# of the same. Everything finds itself by where it lies, so the prefix can be moved.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS gemmact gemmact_static EXPORT gemmact
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/host/include/gemmact DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)
if(TARGET gemmact_command)
  install(TARGETS gemmact_command RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/gemmact)
install(EXPORT gemmact NAMESPACE gemmact:: FILE gemmact-targets.cmake DESTINATION ${package_folder})
configure_package_config_file(cmake/gemmact-config.cmake.in ${PROJECT_BINARY_DIR}/package/gemmact-config.cmake
                              INSTALL_DESTINATION ${package_folder} PATH_VARS CMAKE_INSTALL_BINDIR)
# Until 1.0 a minor version may break what was; from then on there are additions only, and this is SameMajorVersion.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/package/gemmact-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/package/gemmact-config.cmake ${PROJECT_SOURCE_DIR}/cmake/gemmact-pack.cmake
              ${PROJECT_BINARY_DIR}/package/gemmact-config-version.cmake DESTINATION ${package_folder})

file(RELATIVE_PATH from_pc_to_prefix ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" from_pc_to_prefix "${from_pc_to_prefix}")
configure_file(cmake/gemmact.pc.in ${PROJECT_BINARY_DIR}/package/gemmact.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/package/gemmact.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "the gemmact authors")
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "the gemmact authors <gemmact@localhost>")
set(CPACK_DEBIAN_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
# dpkg-shlibdeps names the exact versions needed; it comes with dpkg-dev, which a build does not otherwise need.
find_program(dpkg_shlibdeps dpkg-shlibdeps)
if(dpkg_shlibdeps)
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
else()
  set(CPACK_DEBIAN_PACKAGE_DEPENDS "libc6, libstdc++6, libgcc-s1")
endif()
include(CPack)
